"""The host of the sharing service, where each person's servers have their own."""

from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from tests.support.lab import SLOW_MS
from tests.support.origin_hub import log_in
from tests.support.share_hub import ShareHub

READ = """async (url) => {
  try {
    const answer = await fetch(url, {credentials: "include"});
    return await answer.text();
  } catch (error) {
    return error.name;
  }
}"""


def test_service_is_apart_from_hub_and_servers(
    browser: Browser, share_hub: ShareHub
) -> None:
    ann, bob = (share_hub.people[it] for it in ("ann", "bob"))
    (ann.home / "origin").mkdir()
    (ann.home / "origin/a.txt").write_text("for Bob alone")
    made = ann.lab.post("shares", json={"place": "origin", "title": "Origin"})
    number = made.json()["id"]
    grant = {"audience": "user", "principal": "bob", "right": "view"}
    ann.lab.put(f"shares/{number}/grants", json=grant).raise_for_status()
    pages, hub = share_hub.service.pages, urlsplit(share_hub.url)
    shown = f"{pages}view/{number}/1/a.txt"
    with browser.new_context(ignore_https_errors=True) as context:
        context.set_default_timeout(SLOW_MS)
        page = context.new_page()
        log_in(page, share_hub.url, "bob")
        page.goto(f"https://{share_hub.host_of('bob')}:{hub.port}/user/bob/lab")

        # There is no page on the way that asks for consent.
        page.goto(shown)

        expect(page.get_by_text("for Bob alone")).to_be_visible()
        assert urlsplit(page.url).hostname == urlsplit(pages).hostname
        hosts = {str(it.get("domain")) for it in context.cookies(pages)}
        own = [it for it in context.cookies(pages) if "share" in str(it.get("name"))]
        assert hosts <= {urlsplit(pages).hostname, f".{hub.hostname}"}
        assert own
        assert all(it.get("secure") and it.get("httpOnly") for it in own)
        # With the same cookies, a page of Ann's servers reads nothing.
        page.goto(f"https://{share_hub.host_of('ann')}:{hub.port}/user/ann/lab")
        for url in (shown, f"{pages}api/me", f"{pages}api/shares"):
            assert page.evaluate(READ, url) == "TypeError"
    assert bob.api.get("me").is_success
