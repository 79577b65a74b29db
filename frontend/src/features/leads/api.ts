import { useMemo } from "react";
import { answerOf, api, queries, type Schemas } from "@/api/client";
import type { Search } from "@/app/search";
import { type Enumeration, useMeta } from "@/app/who";
import { titled, useTranslation } from "@/i18n";
import type { FilterField, Option } from "@/shared/filters/fields";
import { industryOptions } from "@/shared/industries";
import { usePages } from "@/shared/usePages";

export type LeadRow = Schemas["LeadRow"];
export type Lead = Schemas["LeadWithRights"];
export type LeadAct = LeadRow["may"][number];

/** What is due first stands first. */
export const DEFAULT_SORT = "due_on";

export function useLeads(conditions: Search, sort: string) {
  return usePages<LeadRow, Schemas["LeadList"]>(["leads", conditions, sort], (asked) => {
    // The conditions are text: more than the types can follow.
    const query = { ...conditions, ...asked, sort, ...(!asked.cursor && { with: "count" }) };
    return answerOf(api.GET("/api/v1/leads", { params: { query: query as never } }));
  });
}

/** The conditions of `GET /leads`. */
export function useLeadFields(): FilterField[] {
  const { t } = useTranslation("leads");
  const { meta, labels, label, field } = useMeta();
  return useMemo(() => {
    const options = (kind: Enumeration): Option[] => labels(kind).map((one) => ({ value: one.code, label: titled(one) }));
    const by = (dimension: string) => titled(label("LeadFacetBy", dimension));
    const of = (code: string) => titled(field("lead", code));
    const none: Option = { value: "none", label: titled(label("Absent", "none")) };
    const [yes, no] = [t("filter.yes"), t("filter.no")];
    return [
      { kind: "choice", param: "clock", title: by("clock"), facet: "clock", options: [...options("RunningClock"), none] },
      { kind: "flag", param: "is_overdue", title: by("is_overdue"), yes, no },
      { kind: "choice", param: "status", title: by("status"), facet: "status", options: options("LeadStatus") },
      { kind: "choice", param: "waits_for", title: t("filter.waitsFor"), options: options("LeadWait") },
      { kind: "choice", param: "channel", title: by("channel"), facet: "channel", options: options("Channel") },
      { kind: "records", param: "own_unit_id", title: by("unit"), record: "unit", facet: "unit", extra: [none] },
      { kind: "records", param: "own_first_unit_id", title: by("first_unit"), record: "unit", facet: "first_unit" },
      { kind: "records", param: "unit_id", title: t("filter.unitAndBelow"), record: "unit" },
      { kind: "records", param: "first_unit_id", title: t("filter.firstUnitAndBelow"), record: "unit" },
      { kind: "records", param: "task_force_id", title: by("task_force"), record: "task_force", facet: "task_force", extra: [none] },
      { kind: "records", param: "handler_id", title: by("handler"), record: "official", facet: "handler", extra: [none] },
      { kind: "days", from: "due_from", to: "due_to", title: of("due_on") },
      { kind: "days", from: "reported_from", to: "reported_to", title: of("reported_on") },
      {
        kind: "choice",
        param: "industry_code",
        title: by("industry"),
        facet: "industry",
        options: industryOptions(meta.industries),
      },
      { kind: "records", param: "investor_id", title: by("investor"), record: "enterprise", facet: "investor" },
      { kind: "choice", param: "program", title: by("program"), facet: "program", options: options("Program") },
      { kind: "flag", param: "is_illustrative", title: of("is_illustrative"), yes, no },
      { kind: "chosen", param: "referrer_id", title: by("referrer"), text: (count) => t("filter.referrers", { count }) },
      { kind: "chosen", param: "ids", title: t("filter.chosen"), text: (count) => t("filter.leads", { count }) },
    ];
  }, [t, meta, labels, label, field]);
}

export function leadQuery(leadId: string) {
  return queries.queryOptions("get", "/api/v1/leads/{lead_id}", { params: { path: { lead_id: leadId } } });
}
