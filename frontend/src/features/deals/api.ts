import { useMemo } from "react";
import { answerOf, api, queries, type Schemas } from "@/api/client";
import type { Search } from "@/app/search";
import { type Enumeration, useMeta } from "@/app/who";
import { titled, useTranslation } from "@/i18n";
import type { FilterField, Option } from "@/shared/filters/fields";
import { industryOptions } from "@/shared/industries";
import { usePages } from "@/shared/usePages";

export type DealRow = Schemas["DealRow"];
export type Deal = Schemas["DealWithRights"];
export type Preview = Schemas["DealPreview"];

export const DEFAULT_SORT = "-signed_on";

export function useDeals(conditions: Search, sort: string) {
  return usePages<DealRow, Schemas["DealList"]>(["deals", conditions, sort], (asked) => {
    // The conditions are text: more than the types can follow.
    const query = { ...conditions, ...asked, sort, ...(!asked.cursor && { with: "count,sum" }) };
    return answerOf(api.GET("/api/v1/deals", { params: { query: query as never } }));
  });
}

export function dealQuery(dealId: string) {
  return queries.queryOptions("get", "/api/v1/deals/{deal_id}", { params: { path: { deal_id: dealId } } });
}

/** The conditions of `GET /deals`. */
export function useDealFields(): FilterField[] {
  const { t } = useTranslation("deals");
  const { meta, labels, label, field } = useMeta();
  return useMemo(() => {
    const options = (kind: Enumeration): Option[] => labels(kind).map((one) => ({ value: one.code, label: titled(one) }));
    const by = (dimension: string) => titled(label("DealFacetBy", dimension));
    const of = (code: string) => titled(field("deal", code));
    const none: Option = { value: "none", label: titled(label("Absent", "none")) };
    type Flag = "submitted" | "returned" | "approvable" | "awaiting_signed" | "is_approved_at_source";
    const flag = (param: Flag): FilterField => ({ kind: "flag", param, title: t(`filter.${param}`), yes: t("filter.yes"), no: t("filter.no") });
    return [
      { kind: "choice", param: "status", title: by("status"), facet: "status", options: options("DealStatus") },
      flag("submitted"),
      flag("returned"),
      flag("approvable"),
      flag("awaiting_signed"),
      { kind: "choice", param: "kind", title: by("kind"), facet: "kind", options: options("DealKind") },
      { kind: "days", from: "signed_from", to: "signed_to", title: of("signed_on") },
      { kind: "records", param: "own_unit_id", title: by("unit"), record: "unit", facet: "unit", extra: [none] },
      { kind: "records", param: "unit_id", title: t("filter.unitAndBelow"), record: "unit" },
      { kind: "records", param: "task_force_id", title: by("task_force"), record: "task_force", facet: "task_force", extra: [none] },
      {
        kind: "choice",
        param: "industry_code",
        title: by("industry"),
        facet: "industry",
        options: industryOptions(meta.industries),
      },
      { kind: "records", param: "investor_id", title: by("investor"), record: "enterprise", facet: "investor" },
      { kind: "choice", param: "drafted_by", title: by("drafted_by"), options: options("DraftedBy") },
      flag("is_approved_at_source"),
      { kind: "flag", param: "is_illustrative", title: of("is_illustrative"), yes: t("filter.yes"), no: t("filter.no") },
      { kind: "chosen", param: "project_id", title: of("project"), text: (count) => t("filter.projects", { count }) },
      { kind: "chosen", param: "ids", title: t("filter.chosen"), text: (count) => t("filter.deals", { count }) },
    ];
  }, [t, meta, labels, label, field]);
}
