import { Button } from "antd";
import { CircleDashed, Pencil } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Schemas } from "@/api/client";
import { type Enumeration, useMeta } from "@/app/who";
import { nameOf, said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { kindOf } from "@/shared/forms/kinds";
import { Money } from "@/shared/Money";
import { RecordName } from "@/shared/RecordName";
import { useIsSaid } from "@/shared/Refusal";
import { To } from "@/shared/To";
import type { Project, Ref } from "../api";
import { useStageName } from "./Stepper";
import css from "./facts.module.css";

/** Facts in the order in which they are asked about; those behind the first ten open on demand. */
const FACTS = [
  "investor_id", "industry_code", "place_unit_id", "construction_nature", "land_area", "national_code", "annual_revenue", "source",
  "progress", "next_steps", "description", "chain", "chain_role", "channel", "referrer_id", "occasion", "plant_area", "energy_use",
  "energy_note", "annual_tax", "jobs", "estimate_from", "estimate_to", "parcel_no", "longitude", "latitude", "short_name",
  "statistical_name", "upstream_code", "confidentiality", "direct_entry_reason", "duplicate_ruling",
] as const;
const FIRST = 8;

/** The records behind ids, and where they have a page. */
const RECORDS: Record<string, { of: (project: Project) => Ref | null; page?: string }> = {
  investor_id: { of: (project) => project.investor, page: "/enterprises/" },
  place_unit_id: { of: (project) => project.place },
  referrer_id: { of: (project) => project.referrer },
};

export function Facts({ project, onEdit }: { project: Project; onEdit: () => void }) {
  const { t } = useTranslation("project");
  const { field } = useMeta();
  const stageName = useStageName();
  const [isAll, setIsAll] = useState(false);
  const may = project.may.edit;
  const isSaid = useIsSaid();
  const wanted = new Set(
    (project.gates?.gates ?? [])
      .filter((gate) => !gate.is_met)
      .flatMap((gate) => gate.acts.filter((act) => act.operation === "update_project").flatMap((act) => act.fields)),
  );
  const shown = FACTS.filter((name, index) => isAll || index < FIRST || wanted.has(name) || (filled(project, name) && index < 11));
  return (
    <Card
      title={t("facts.title")}
      note={may && !isSaid(may) ? said(may) : undefined}
      extra={
        !may && (
          <Button type="link" size="small" icon={<Pencil size={13} strokeWidth={1.75} aria-hidden="true" />} onClick={onEdit}>
            {t("common:edit")}
          </Button>
        )
      }
    >
      <dl className={css.facts}>
        {shown.map((name) => (
          <div key={name} className={kindOf(name).type === "long" ? css.wide : undefined}>
            <dt>{said(field("project", name))}</dt>
            <dd>
              {filled(project, name) ? (
                <Fact project={project} name={name} />
              ) : wanted.has(name) && project.gates?.to ? (
                <span className={css.wanted}>
                  <CircleDashed size={13} strokeWidth={1.75} aria-hidden="true" />
                  {t("facts.wanted", { stage: stageName(project.gates.to) })}
                </span>
              ) : (
                <span className={css.none}>{t("common:notFilled")}</span>
              )}
            </dd>
          </div>
        ))}
        {project.capacities.length > 0 && (
          <div className={css.wide}>
            <dt>{said(field("project", "capacities"))}</dt>
            <dd>{project.capacities.map((one) => `${one.product} ${one.quantity} ${one.unit}`).join(t("common:listSeparator"))}</dd>
          </div>
        )}
      </dl>
      <button type="button" className={css.more} aria-expanded={isAll} onClick={() => setIsAll(!isAll)}>
        {isAll ? t("facts.fewer") : t("facts.all", { count: FACTS.length })}
      </button>
    </Card>
  );
}

function filled(project: Project, name: (typeof FACTS)[number]): boolean {
  return project[name] !== null && project[name] !== undefined;
}

function Fact({ project, name }: { project: Project; name: (typeof FACTS)[number] }): ReactNode {
  const { label } = useMeta();
  const kind = kindOf(name);
  const record = RECORDS[name]?.of(project);
  if (record) {
    const text = <RecordName of={record} />;
    return RECORDS[name]!.page ? <To href={RECORDS[name]!.page + record.id}>{text}</To> : <span title={nameOf(record)}>{text}</span>;
  }
  const value = String(project[name]);
  if (name === "industry_code" && project.industry) return `${project.industry.code} ${said(project.industry)}`;
  if (kind.type === "money") return <Money yuan={value} />;
  if (kind.type === "enum") return said(label(kind.of as Enumeration, value));
  if (name === "progress" && project.progress_on) {
    return (
      <>
        {value} <small className={css.none}>{project.progress_on}</small>
      </>
    );
  }
  return value;
}

/** Fields that an edit may change. */
export const EDITABLE: readonly (keyof Schemas["ProjectUpdate"])[] = [
  "name", "short_name", "progress", "progress_on", "next_steps", "description", "investor_id", "industry_code", "place_unit_id",
  "national_code", "construction_nature", "land_area", "plant_area", "parcel_no", "annual_revenue", "annual_tax", "jobs", "energy_use",
  "energy_note", "chain", "chain_role", "channel", "occasion", "estimate_from", "estimate_to", "statistical_name", "upstream_code",
  "longitude", "latitude", "source", "confidentiality",
];
