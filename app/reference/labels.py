"""Every coded word with its names, so that no client stores a copy."""

from app.core.actor import CurrentActor
from app.core.localized import Label, Word
from app.core.routing import DICTIONARY, Router

router = Router(tags=["参考数据 reference"])


def _words(kind: type[Word]) -> dict[str, list[Label]]:
    labels: dict[str, list[Label]] = {}
    for subclass in kind.__subclasses__():
        if list(subclass) and not subclass.__name__.endswith("Sort"):
            labels[subclass.__name__] = [member.label for member in subclass]
        labels |= _words(subclass)
    return labels


def all_words() -> dict[str, list[Label]]:
    """Returns the members of every enumeration, by its name; sorts are left out."""
    return dict(sorted(_words(Word).items()))


@router.get("/labels", summary="各枚举的中英文名称 Names of all coded words", openapi_extra=DICTIONARY)
async def list_labels(_actor: CurrentActor) -> dict[str, list[Label]]:
    return all_words()
