import { Check } from "lucide-react";
import { queries, type Schemas } from "@/api/client";
import { said, useTranslation } from "@/i18n";
import gateCss from "@/shared/gates/gates.module.css";
import { GateItem } from "@/shared/gates/GateItem";
import { blocks } from "@/shared/gates/types";
import { Tag } from "@/shared/RecordPage";
import { QueryView, Skeleton } from "@/shared/StateView";
import type { Deal } from "../api";
import css from "./drawer.module.css";

type Gate = Schemas["GateRead"];

/** What an approval demands: met ones that the agreement itself meets in one line, the others each with their act. */
export function Gates({ deal }: { deal: Deal }) {
  const { t } = useTranslation("deals");
  const query = queries.useQuery("get", "/api/v1/deals/{deal_id}/gates", { params: { path: { deal_id: deal.id } } });
  const gates = query.data?.gates ?? [];
  const missing = gates.filter(blocks).length;
  const warned = gates.filter((gate) => !gate.is_met && gate.strictness === "warn").length;
  return (
    <section>
      <h3 className={css.section}>
        {t("gates.title")}
        {missing > 0 && <Tag tone="danger">{t("gates.missing", { count: missing })}</Tag>}
        {warned > 0 && <Tag tone="warn">{t("gates.warned", { count: warned })}</Tag>}
        {query.data && !missing && !warned && <Tag tone="ok">{t("gates.all")}</Tag>}
      </h3>
      <QueryView query={query} skeleton={<Skeleton rows={3} columns={2} />}>
        {(data) => <List gates={data.gates} deal={deal} />}
      </QueryView>
    </section>
  );
}

function List({ gates, deal }: { gates: readonly Gate[]; deal: Deal }) {
  const { t } = useTranslation("deals");
  const own = gates.filter((gate) => gate.is_met && (gate.met_by === null || gate.met_by.type === "deal"));
  const rest = gates.filter((gate) => !own.includes(gate));
  return (
    <ul className={css.gates}>
      {own.length > 0 && (
        <li className={gateCss.gate}>
          <span className={`${gateCss.sign} ${gateCss.met}`} role="img" aria-label={t("gates.met")}>
            <Check size={13} strokeWidth={1.75} aria-hidden="true" />
          </span>
          <div className={gateCss.what}>
            <strong>{own.map(said).join(t("common:listSeparator"))}</strong>
          </div>
          <span className={`${css.none} ${css.complete}`}>{t("gates.complete")}</span>
        </li>
      )}
      {rest.map((gate) => (
        <Line key={gate.code} gate={gate} deal={deal} />
      ))}
    </ul>
  );
}

/** The act of a gate edits the deal, its project or its investor: each has a version of its own. */
function Line({ gate, deal }: { gate: Gate; deal: Deal }) {
  const ofInvestor = gate.acts.some((act) => act.operation === "update_enterprise");
  const investor = queries.useQuery(
    "get",
    "/api/v1/enterprises/{enterprise_id}",
    { params: { path: { enterprise_id: deal.investor_id ?? "" } } },
    { enabled: ofInvestor && deal.investor_id !== null },
  );
  // The act is offered once the version that it writes over is read.
  if (ofInvestor && !investor.data) return <GateItem gate={{ ...gate, acts: [] }} project={{ id: deal.project_id, version: 0 }} />;
  const version = ofInvestor ? investor.data!.version : deal.version;
  return <GateItem gate={gate} project={{ id: deal.project_id, version }} />;
}
