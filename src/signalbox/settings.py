"""What did this process's surroundings tell it? Environment variables `SIGNALBOX_…`, `.env`, secrets from files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from signalbox.durations import Duration, words
from signalbox.errors import ConfigurationError

PREFIX = "SIGNALBOX_"
LEAST_RAW = 86_400.0
"""Seconds that signals must be kept: the page shows each of the last day."""
LEAST_HOURLY = 8 * 86_400.0
"""Seconds that hours must be kept: days are made of them, for the last time a week after they ended."""


class _FromFiles(PydanticBaseSettingsSource):
    """`SIGNALBOX_X_FILE=/run/secrets/x` gives setting `X` the content of that file, without its last newline."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        if path is None:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except OSError as error:
            raise ConfigurationError(
                f"{PREFIX}{field_name.upper()}_FILE names {path}, which cannot be read: {error.strerror}"
            ) from error

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class Settings(BaseSettings):
    """Settings of one process. Command-line flags win over the environment, the environment over `.env`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    config: Path = Field(Path("signalbox.yaml"), description="The manifest: what is watched and shown.")
    data: Path = Field(Path("data"), description="Folder for databases, journals and keys of this installation.")
    host: str = Field("127.0.0.1", description="Address that the API and the page listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the API and the page listen on. 0: any free one.")
    public_url: str | None = Field(None, description="Where readers find the page, if not at host and port.")
    secret_key: SecretStr | None = Field(
        None, description="Key that secrets are sealed with. Generated in the data folder when absent."
    )
    signals_url: SecretStr | None = Field(
        None, description="Signal store: sqlite:///PATH, memory://, questdb://USER:PASSWORD@HOST:9000?pgwire=8812."
    )
    database_url: SecretStr | None = Field(None, description="State: sqlite:///PATH or postgresql://….")
    broker_url: SecretStr | None = Field(None, description="Redis for the distributed mode: redis://….")
    location: str = Field("local", pattern=r"^[a-z0-9][a-z0-9-]{0,31}$", description="Where this process runs.")
    trusted_proxies: str = Field("127.0.0.1", description="Peers whose X-Forwarded headers are believed.")
    cors_origins: Annotated[list[str], NoDecode] = Field(
        ["http://localhost:3000"], description="Origins whose scripts may read the public API, comma separated."
    )
    guard: str = Field(
        "internal",
        description="Which addresses may be asked: internal, public-only, or a comma list of networks.",
    )
    ca_file: Path | None = Field(None, description="Certificate authorities to trust instead of the built-in ones.")
    most_checks: int | None = Field(
        None, ge=1, description="Checks under way at once. Default: as many as the system's limit on open files lets."
    )
    most_a_host: int = Field(100, ge=1, description="Checks of one host at once; more wait for their turn.")
    insecure: bool = Field(False, description="Start although a server is reached with a default or empty password.")
    log_format: Literal["console", "json"] = Field("console", description="How log lines are written.")
    smtp_url: SecretStr | None = Field(
        None, description="Mail server for notices: smtp://USER:PASSWORD@HOST:587 or smtps://…."
    )
    ping_key: SecretStr | None = Field(
        None,
        description="Who knows it may send heartbeats to push monitors by name, and make new ones: /ping/KEY/NAME.",
    )
    retain_raw: Duration | None = Field(
        None,
        description="How long each signal is kept, such as 30d or 1y. Default: 30d in SQLite, 400d in QuestDB.",
    )
    retain_hourly: Duration = Field(
        2 * 365 * 86_400.0,
        description="How long the counts of each hour are kept. Those of each day are kept for good.",
    )

    @field_validator("retain_raw", "retain_hourly")
    @classmethod
    def _not_too_short(cls, value: float | None, info: ValidationInfo) -> float | None:
        least = LEAST_RAW if info.field_name == "retain_raw" else LEAST_HOURLY
        if value is not None and value < least:
            raise ValueError(f"write {words(least)} or more")
        return value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then environment, then files named by the environment, then `.env`."""
        return init_settings, env_settings, _FromFiles(settings_cls), dotenv_settings

    @property
    def signal_store_url(self) -> str:
        """Where signals are kept: the setting, else SQLite in the data folder."""
        return self.signals_url.get_secret_value() if self.signals_url else f"sqlite:///{self.data / 'signals.db'}"

    @property
    def state_url(self) -> str:
        """Where state is kept: the setting, else SQLite in the data folder."""
        return self.database_url.get_secret_value() if self.database_url else f"sqlite:///{self.data / 'state.db'}"


def load(**flags: object) -> Settings:
    """Settings of this process; flags that are None count as not given. Wrong ones are a ConfigurationError."""
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"{PREFIX}{str(part['loc'][0]).upper()}: {part['msg']}" for part in error.errors()]
        raise ConfigurationError("a setting is wrong:\n  " + "\n  ".join(lines)) from None
