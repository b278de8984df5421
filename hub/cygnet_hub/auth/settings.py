"""The settings of the identity provider: the chart's `config.oidc`."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from cygnet_hub.settings_model import Label, SettingsModel

_DISCOVERY = "/.well-known/openid-configuration"


class Oidc(SettingsModel):
    """An OpenID Connect provider."""

    # Before the issuer, whose check asks for it.
    allow_insecure_issuer: bool = Field(
        default=False, description="Accept an issuer without TLS, for tests only."
    )
    issuer: Annotated[str, Field(pattern=r"^https?://[^?#\s]+$")] = Field(
        description="The issuer's address; the rest is found by discovery. Plain http "
        "is refused unless `allowInsecureIssuer` is set.",
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
        description="More parameters of the login, e.g. `prompt: consent` for a "
        "provider that gives refresh tokens for it alone.",
    )
    username_claim: str = Field(
        default="preferred_username",
        min_length=1,
        description="The claim that names the user.",
    )
    groups_claim: str = Field(
        default="groups", description="The claim with the user's groups, a list."
    )
    admin_groups: tuple[str, ...] = Field(
        default=(), description="The groups whose members administer the service."
    )
    allowed_groups: tuple[str, ...] = Field(
        default=(),
        description="The groups whose members may log in. An installation needs them, "
        "or `allowEverybody`.",
    )
    allow_everybody: bool = Field(
        default=False,
        description="Let in every account of the provider; for an "
        "installation without `allowedGroups`.",
    )
    refresh_seconds: Annotated[int, Field(ge=10, le=86400)] = Field(
        default=300,
        description="After how long the user's groups are asked for again.",
    )
    token_groups: tuple[str, ...] = Field(
        default=(),
        description="The groups whose members' servers may ask for access tokens; "
        "none when empty.",
    )
    token_audience: str = Field(
        default="",
        validate_default=True,
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

    @field_validator("issuer")
    @classmethod
    def _is_an_issuer(cls, issuer: str, info: ValidationInfo) -> str:
        """Refuse what others on the way could change, and what is not an issuer."""
        if issuer.startswith("http:") and not info.data.get("allow_insecure_issuer"):
            reason = "issuer has no TLS; use https, or allowInsecureIssuer for a test"
            raise ValueError(reason)
        if issuer.rstrip("/").endswith(_DISCOVERY):
            reason = f"issuer is what stands before {_DISCOVERY}; leave that away"
            raise ValueError(reason)
        return issuer

    @field_validator("scopes")
    @classmethod
    def _has_openid(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse to ask for no name: the provider would send none."""
        if "openid" not in scopes:
            reason = "scopes need openid, without which the provider names no user"
            raise ValueError(reason)
        return scopes

    @field_validator("token_audience")
    @classmethod
    def _limits_tokens(cls, audience: str, info: ValidationInfo) -> str:
        """Refuse tokens that are good for everything."""
        if info.data.get("token_groups") and not audience:
            reason = "tokenGroups need tokenAudience, which limits their tokens"
            raise ValueError(reason)
        return audience
