/** No row: which condition to drop, with how many rows that gives. */
import { useQueries } from "@tanstack/react-query";
import { Button } from "antd";
import { api } from "@/api/client";
import type { Search, SearchChange } from "@/app/search";
import { useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import { conditionsOf, type FilterField } from "@/shared/filters/fields";
import { useConditions, without } from "@/shared/filters/FilterChips";
import { Empty, NoResult } from "@/shared/StateView";

interface Props {
  fields: readonly FilterField[];
  search: Search;
  isFiltered: boolean;
  onChange: (change: SearchChange) => void;
  onClear: () => void;
}

export function Nothing({ fields, search, isFiltered, onChange, onClear }: Props) {
  const { t } = useTranslation("ledger");
  const found = useConditions(fields, search);
  const conditions = search.q ? [{ key: "q", title: t("searched"), text: search.q, params: ["q"] }, ...found] : found;
  const counts = useQueries({
    queries: conditions.map((one) => {
      const rest = Object.fromEntries(Object.entries(conditionsOf(search, fields)).filter(([name]) => !one.params.includes(name)));
      return {
        queryKey: ["projects", "without", rest],
        queryFn: async () => (await api.GET("/api/v1/projects", { params: { query: { ...rest, limit: 1, with: "count" } as never } })).data!.count!,
        enabled: conditions.length > 1,
      };
    }),
  });
  if (!isFiltered) return <Empty title={t("empty.title")} text={t("empty.text")} />;
  return (
    <NoResult text={conditions.map((one) => `${one.title} ${one.text}`).join(" · ")}>
      {conditions.length > 1 &&
        conditions.map((one, index) => {
          const count = counts[index]?.data;
          return count && count.value > 0 ? (
            <Button key={one.key} onClick={() => onChange(without(one.params))}>
              {t("dropGives", { what: `${one.title} ${one.text}`, shown: countText(count) })}
            </Button>
          ) : null;
        })}
      <Button type="primary" onClick={onClear}>
        {t("filters:clear")}
      </Button>
    </NoResult>
  );
}
