"""Opens pages in a browser, and tells what they do."""

COLUMNS = "Page.data.runs[0].columns"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


class Visit:
    """A page that was opened, and what it did meanwhile."""

    def __init__(self, browser, path, size=WIDE, scheme="light"):
        self.context = browser.new_context(viewport=size, color_scheme=scheme)
        self.context.set_default_timeout(180_000)  # of a busy machine
        self.requests, self.faults = [], []
        self.context.route("**/*", self._on_request)
        self.page = self.context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.goto(path.as_uri())
        self.page.wait_for_function("Page.ready")

    def _on_request(self, route):
        self.requests.append(route.request.url)
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            route.abort()

    def _on_console(self, message):
        if message.type == "error":
            self.faults.append(message.text)

    def see_all(self):
        """Draw what is only drawn once it comes into view."""
        self.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        self.page.evaluate("dispatchEvent(new Event('afterprint'))")
        self.page.wait_for_timeout(300)

    def announced(self):
        return self.page.locator("#announcer").inner_text()

    def chosen(self):
        text = self.page.locator(".chosen h3").inner_text()
        return int(text.split()[1])


def heading_levels(page):
    """Levels of all headings, in the order of the page."""
    return page.locator("h1, h2, h3, h4, h5").evaluate_all(
        "all => all.map((one) => Number(one.tagName[1]))"
    )
