/** A few projects inside of a card, as links to their pages. */
import type { Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { ClockLeft } from "./ClockLine";
import { Money } from "./Money";
import { RecordName } from "./RecordName";
import { MiniTable } from "./RecordPage";
import { StageTag } from "./StageTag";
import { Strokes } from "./Strokes";
import { To } from "./To";

export function ProjectTable({ rows, label }: { rows: readonly Schemas["ProjectRow"][]; label: string }) {
  const { field, label: word } = useMeta();
  const { t } = useTranslation("common");
  const of = (name: string) => said(field("project", name));
  return (
    <MiniTable
      label={label}
      head={[of("name"), of("stage"), of("five_ones"), of("unit"), `${of("planned_total")} ${t("unit.yi")}`, of("clock")]}
      right={[4, 5]}
      rows={rows.map((row) => ({
        key: row.id,
        cells: [
          <To key="name" href={`/projects/${row.id}`}>
            <RecordName of={row} illustrative={row.is_illustrative} />
          </To>,
          row.status === "active" ? <StageTag key="stage" stage={row.stage} /> : said(word("Status", row.status)),
          <Strokes key="strokes" states={row.five_ones} />,
          row.unit ? shortNameOf(row.unit) : t("notFilled"),
          <Money key="money" yuan={row.planned_total} unit="yi" decimals={2} hasUnit={false} />,
          row.status === "active" ? <ClockLeft key="clock" clock={row.clock} /> : "",
        ],
      }))}
    />
  );
}
