from cygnet_share.page_call import MAX_LOGINS, forget_logins
from jupyterhub.services.auth import HubOAuth


def test_logins_that_have_begun_are_kept_up_to_a_bound() -> None:
    token = "of-no-hub"  # noqa: S105 - Nothing is asked.
    auth = HubOAuth(api_token=token, oauth_client_id="service-x", base_url="/")
    begun = list[str]()
    for i in range(MAX_LOGINS + 5):
        forget_logins(auth)
        begun.append(auth.generate_state(next_url=f"/view/{i}"))

    kept = [it for it in begun if auth.get_next_url(it) != "/"]
    assert kept == begun[5:]
