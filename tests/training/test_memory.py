"""A worker's memory stays, however many networks it trains."""

import psutil


def test_sixty_evaluations_need_no_more_memory_than_ten(make_problem, evaluate):
    from xnas.tasks import load_task_data

    problem = make_problem(num_epochs=1)
    data = load_task_data(problem)
    process, sizes = psutil.Process(), []
    for number in range(60):
        evaluate(problem, (number % 3, number // 3 % 3), seed=number, data=data)
        sizes.append(process.memory_info().rss)
    assert max(sizes[10:]) < 1.1 * sizes[9]
