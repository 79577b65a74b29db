/** The conditions of `GET /projects`, shared by the ledger and the board. Labels come from the dictionary of the service. */
import { useMemo } from "react";
import { type Enumeration, useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { industryOptions } from "@/shared/industries";
import type { FilterField, Option } from "./fields";

export function useProjectFields(): FilterField[] {
  const { t } = useTranslation("filters");
  const { meta, labels, label, field } = useMeta();
  return useMemo(() => {
    const options = (kind: Enumeration): Option[] => labels(kind).map((one) => ({ value: one.code, label: said(one) }));
    const by = (dimension: string) => said(label("FacetBy", dimension));
    const of = (code: string) => said(field("project", code));
    const none: Option = { value: "none", label: said(label("Absent", "none")) };
    const me: Option = { value: "me", label: said(label("Myself", "me")) };
    return [
      {
        kind: "choice",
        param: "stage",
        title: by("stage"),
        facet: "stage",
        options: meta.stages.map((one) => ({ value: one.code, label: said({ zh: one.name_zh, en: one.name_en }) })),
      },
      { kind: "choice", param: "status", title: by("status"), facet: "status", options: options("Status") },
      { kind: "flag", param: "is_overdue", title: by("is_overdue"), yes: t("yes"), no: t("no") },
      { kind: "choice", param: "pool", title: t("project.pool"), options: options("Pool") },
      { kind: "choice", param: "five_ones", title: of("five_ones"), options: options("FiveOnesFilter") },
      { kind: "records", param: "own_unit_id", title: by("unit"), record: "unit", facet: "unit", extra: [none] },
      { kind: "records", param: "unit_id", title: t("project.unitAndBelow"), record: "unit" },
      { kind: "records", param: "place_unit_id", title: by("place"), record: "unit", facet: "place" },
      { kind: "records", param: "task_force_id", title: by("task_force"), record: "task_force", facet: "task_force", extra: [none] },
      { kind: "records", param: "leader_id", title: by("leader"), record: "official", facet: "leader", extra: [me, none] },
      { kind: "records", param: "member_id", title: t("project.member"), record: "official", extra: [me] },
      { kind: "amounts", from: "planned_total_min", to: "planned_total_max", title: of("planned_total") },
      { kind: "days", from: "due_from", to: "due_to", title: of("due_on") },
      { kind: "days", from: "signed_from", to: "signed_to", title: of("signed_on") },
      { kind: "days", from: "stage_since_from", to: "stage_since_to", title: of("stage_since") },
      { kind: "number", param: "idle_days_min", title: t("project.idle"), text: (value) => t("project.idleText", { count: value }) },
      {
        kind: "choice",
        param: "industry_code",
        title: by("industry"),
        facet: "industry",
        options: industryOptions(meta.industries),
      },
      { kind: "records", param: "investor_id", title: by("investor"), record: "enterprise", facet: "investor" },
      { kind: "choice", param: "origin", title: by("origin"), facet: "origin", options: options("Origin") },
      { kind: "choice", param: "ownership", title: by("ownership"), facet: "ownership", options: options("Ownership") },
      {
        kind: "choice",
        param: "lacks_evidence",
        title: t("project.lacksEvidence"),
        options: meta.evidence_kinds.map((one) => ({ value: one.code, label: said({ zh: one.name_zh, en: one.name_en }) })),
      },
      { kind: "number", param: "on_plan_list", title: t("project.planList"), text: (value) => t("project.planListText", { value }) },
      { kind: "choice", param: "program", title: by("program"), facet: "program", options: options("Program") },
      { kind: "flag", param: "is_leaf", title: t("project.isLeaf"), yes: t("project.leaf"), no: t("project.notLeaf") },
      { kind: "flag", param: "is_illustrative", title: of("is_illustrative"), yes: t("yes"), no: t("no") },
      { kind: "chosen", param: "ids", title: t("project.chosen"), text: (count) => t("project.chosenText", { count }) },
    ];
  }, [t, meta, labels, label, field]);
}
