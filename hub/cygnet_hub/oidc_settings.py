"""The settings of the identity provider: the chart's `config.oidc`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cygnet_hub.area import Area, Label


class Oidc(Area):
    """An OpenID Connect provider."""

    issuer: Annotated[str, Field(pattern=r"^https?://[^?#]+$")] = Field(
        description="The issuer's address; the rest is found by discovery. Plain http "
        "is refused unless `allowInsecureIssuer` is set.",
    )
    allow_insecure_issuer: bool = Field(
        default=False, description="Accept an issuer without TLS, for tests only."
    )
    client_id: str = Field(min_length=1, description="The service's client id.")
    label: Label = Field(
        default="your organisation", description="The provider's name on the button."
    )
    scopes: tuple[str, ...] = Field(
        default=("openid", "profile", "email", "groups", "offline_access"),
        description="The scopes that are asked for.",
    )
    authorize_parameters: dict[str, str] = Field(
        default_factory=dict,
        description="More parameters of the login, such as `prompt: consent` for a "
        "provider that gives refresh tokens for it alone.",
    )
    username_claim: str = Field(
        default="preferred_username", description="The claim that names the user."
    )
    groups_claim: str = Field(
        default="groups", description="The claim with the user's groups, a list."
    )
    admin_groups: tuple[str, ...] = Field(
        default=(), description="The groups whose members administer the service."
    )
    allowed_groups: tuple[str, ...] = Field(
        default=(),
        description="The groups whose members may log in; everybody whom the provider "
        "lets in when empty.",
    )
    refresh_seconds: Annotated[int, Field(ge=10, le=86400)] = Field(
        default=300,
        description="After how long the user's groups are asked for again.",
    )
    token_groups: tuple[str, ...] = Field(
        default=(),
        description="The groups whose members' servers may ask for access tokens; "
        "nobody's when empty.",
    )
    token_audience: str = Field(
        default="",
        description="The audience (RFC 8707 resource) that such tokens are limited "
        "to, an absolute URI; required with `tokenGroups`.",
    )
    token_method: Literal["resource", "exchange"] = Field(
        default="resource",
        description="How such tokens are asked for: as a resource at the refresh (RFC "
        "8707), or by token exchange (RFC 8693), as Keycloak has it.",
    )
    grace_seconds: Annotated[int, Field(ge=60, le=604800)] = Field(
        default=3600,
        description="For how long a login goes on whose groups cannot be asked for, "
        "because the provider does not answer or gave no refresh token.",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse what cannot work or is not safe."""
        if self.issuer.startswith("http:") and not self.allow_insecure_issuer:
            reason = "issuer has no TLS; use https, or allowInsecureIssuer for a test"
            raise ValueError(reason)
        if self.token_groups and not self.token_audience:
            reason = "tokenGroups need tokenAudience, which limits their tokens"
            raise ValueError(reason)
        return self
