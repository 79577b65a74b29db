import { queries } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, shortNameOf, titled, useTranslation } from "@/i18n";
import { dayOf } from "@/shared/days";
import { Money } from "@/shared/Money";
import { unitOfAll } from "@/shared/money";
import { MiniTable } from "@/shared/RecordPage";
import { QueryView, Skeleton } from "@/shared/StateView";
import type { Deal } from "../api";
import css from "./drawer.module.css";

/** The ledger of one deal: every entry in the order of recording, and what they add up to. */
export function Entries({ deal }: { deal: Deal }) {
  const { t } = useTranslation("deals");
  const { label, field } = useMeta();
  const query = queries.useQuery("get", "/api/v1/deals/{deal_id}/entries", { params: { path: { deal_id: deal.id } } });
  const of = (name: string) => titled(field("entry", name));
  return (
    <section>
      <h3 className={css.section}>{t("entries.title")}</h3>
      <QueryView query={query} skeleton={<Skeleton rows={3} columns={4} />}>
        {(data) => {
          const unit = unitOfAll(data.items.map((entry) => entry.amount));
          return (
          <>
            <MiniTable
              label={t("entries.title")}
              head={[of("effective_on"), of("kind"), of("unit"), of("count"), `${of("amount")} ${t(`common:unit.${unit}`)}`]}
              rows={data.items.map((entry) => ({
                key: entry.id,
                cells: [
                  <span key="day" className="tabular" title={t("entries.recorded", { at: dayOf(entry.recorded_at) })}>
                    {entry.effective_on}
                  </span>,
                  <span key="kind">
                    {titled(label("EntryKind", entry.kind))}
                    {entry.kind !== entry.of_kind && <small className={css.none}> {said(label("EntryKind", entry.of_kind))}</small>}
                    {entry.is_reversal && <small className={css.none}> {t("preview.reversal")}</small>}
                  </span>,
                  shortNameOf(entry.unit),
                  <span key="count" className="tabular">
                    {String(entry.count).replace("-", "−")}
                  </span>,
                  <Money key="amount" yuan={entry.amount} unit={unit} decimals={unit === "yi" ? 2 : 0} hasUnit={false} />,
                ],
              }))}
            />
            <p className={css.proof}>
              {t("entries.proof", { rows: data.items.length, count: data.count })} <Money yuan={data.amount} unit={unit} decimals={unit === "yi" ? 2 : 0} />
              {data.landed > 0 && t("entries.landed", { count: data.landed })}
            </p>
          </>
          );
        }}
      </QueryView>
    </section>
  );
}
