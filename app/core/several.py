"""Query parameters that take several values, separated by commas: `stage=signed,landed` means one or the other. Such
as `leader_id`, some take words besides ids: `leader_id=me,none`."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Generic, TypeVar, get_args
from uuid import UUID

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainSerializer
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from sqlalchemy import ColumnElement, or_

from app.core.body import ID
from app.core.localized import Word

Value = TypeVar("Value")
MOST = 100
"""The most values of one parameter."""


class Several(Generic[Value]):
    """One or more values, in the order given, each once. Serialized as it is sent."""

    _besides: ClassVar[tuple[str, ...]] = ()
    """Words that may be written beside the values."""
    _most: ClassVar[int] = MOST

    def __init__(self, values: list[Value]) -> None:
        self.values = list(dict.fromkeys(values))

    def __iter__(self) -> Iterator[Value]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, value: object) -> bool:
        return value in self.values

    def __str__(self) -> str:
        return ",".join(str(value) for value in self.values)

    def holds(self, column: Any) -> ColumnElement[bool]:
        """Returns the condition that the column has one of the values, or none where `none` is among them."""
        stated = [value for value in self.values if value is not Absent.none]
        condition: ColumnElement[bool] = column.in_(stated)
        return condition if len(stated) == len(self.values) else or_(condition, column.is_(None))

    @classmethod
    def _item(cls, schema: CoreSchema) -> CoreSchema:
        return schema

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        (kind,) = get_args(source)
        parts = core_schema.no_info_plain_validator_function(lambda text: text.split(","))
        values = core_schema.list_schema(cls._item(handler.generate_schema(kind)), min_length=1, max_length=cls._most)
        return core_schema.chain_schema(
            [core_schema.str_schema(), parts, values, core_schema.no_info_plain_validator_function(cls)],
            serialization=core_schema.plain_serializer_function_ser_schema(str),
            metadata={"kind": kind},
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        kind = schema["metadata"]["kind"]
        if isinstance(kind, type) and issubclass(kind, Word):
            word = "|".join([*(member.value for member in kind), *cls._besides])
            return {"type": "string", "pattern": f"^({word})(,({word}))*$", "examples": [next(iter(kind)).value]}
        if UUID in (kind, *get_args(next(iter(get_args(kind)), None))):
            return {"type": "string", "minLength": 1, "examples": [ID]}
        return {"type": "string", "minLength": 1}


class Picked(Several[Value]):
    """The records that somebody has picked from a list: as many as an act on several takes."""

    _most = 200


class Absent(Word):
    """Stands for «none»."""

    none = "none", "无", "none"


class SeveralOrNone(Several[Value]):
    """The same of codes, or the word `none` for rows without one."""

    _besides = (Absent.none.value,)

    @classmethod
    def _item(cls, schema: CoreSchema) -> CoreSchema:
        def read(text: Any, stated: core_schema.ValidatorFunctionWrapHandler) -> Any:
            return Absent.none if text == Absent.none.value else stated(text)

        return core_schema.no_info_wrap_validator_function(read, schema)


class Myself(Word):
    """Stands for the official of the account."""

    me = "me", "本人", "myself"


def _id_or(*words: type[Word]) -> Callable[[Any], Any]:
    members = {member.value: member for word in words for member in word}

    def read(text: Any) -> Any:
        if text in members:
            return members[text]
        try:
            return UUID(text)
        except (ValueError, AttributeError, TypeError):
            raise PydanticCustomError("uuid_or_word", "no id", {"words": ", ".join(members)}) from None

    return read


PICKED = "只要这些记录，逗号分隔，最多 200 个 / these records alone, separated by commas, 200 at most"
"""The description of a parameter that takes records picked from a list; whoever does not see one does not get it."""
_AS_TEXT = PlainSerializer(str, return_type=str)
IdOrNone = Annotated[UUID | Absent, BeforeValidator(_id_or(Absent)), _AS_TEXT]
PersonOrNone = Annotated[UUID | Myself | Absent, BeforeValidator(_id_or(Myself, Absent)), _AS_TEXT]
PersonOrMe = Annotated[UUID | Myself, BeforeValidator(_id_or(Myself)), _AS_TEXT]
