from pydantic import BaseModel, ConfigDict

from app.reference.models import IndustryLevel, Sector


class IndustryRead(BaseModel):
    """An industry of GB/T 4754-2017."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name_zh: str
    name_en: str
    level: IndustryLevel
    parent_code: str | None
    sector: Sector | None
