from pydantic import BaseModel, ConfigDict, Field

from app.core.body import body
from app.core.text import Code, Prose, Text
from app.projects.stages import LimitKind, LimitUnit, Strictness


class LimitRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: LimitKind
    amount: int | None
    unit: LimitUnit | None
    source: str = Field(
        description="S 参考他市做法 / another city's practice；R 我们的默认 / our default；O 本单位设定 / set here"
    )


class StageGateRead(BaseModel):
    code: str
    zh: str
    en: str
    strictness: Strictness
    is_fixed: bool
    for_promotion: bool
    for_construction: bool


class StageRead(BaseModel):
    code: str
    version: int
    position: int
    name_zh: str
    name_en: str
    for_promotion: bool
    for_construction: bool
    is_skippable: bool
    limits: list[LimitRead]
    gates: list[StageGateRead]


class LimitSet(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: LimitKind
    amount: int | None = Field(None, ge=1, le=10_000)
    unit: LimitUnit | None = None


class GateSet(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Code
    strictness: Strictness


class StageSet(BaseModel):
    """Names and limits of one stage, and the strictness of gates. `gates` lists only those to change."""

    model_config = body(
        {
            "name_zh": "在谈",
            "name_en": "negotiating",
            "limits": [{"kind": "idle", "amount": 30, "unit": "day"}],
            "gates": [{"code": "team", "strictness": "warn"}],
        }
    )

    name_zh: Text
    name_en: Text
    limits: list[LimitSet] = Field(max_length=3)
    gates: list[GateSet] = Field(default_factory=list, max_length=40)
    reason: Prose | None = Field(
        None, description="放宽门槛或期限时必填，由另一人确认 / required where it loosens, for who confirms it"
    )
