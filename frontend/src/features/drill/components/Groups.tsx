import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Search } from "@/app/search";
import { useMeta } from "@/app/who";
import { titled, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { fen, sum } from "@/shared/money";
import { Ranking } from "@/shared/Ranking";
import { NoResult, QueryView, Skeleton } from "@/shared/StateView";
import { useRank } from "@/shared/useRank";
import { type Dimension, type Figure, type Grouped, readGroups } from "../rows";
import { Caliber } from "./Caliber";
import { Head } from "./Head";
import css from "../pages/drill.module.css";

interface Props {
  name: Figure;
  query: Search;
  by: Dimension;
  onKnown: (at: string) => void;
}

/** The figure and its groups by one dimension; each opens its rows. */
export function Groups({ name, query, by, onKnown }: Props) {
  const found = useQuery({ queryKey: ["groups", name, query, by], queryFn: () => readGroups(name, query, by), placeholderData: keepPreviousData });
  const knownAt = found.data?.known_at;
  useEffect(() => {
    if (knownAt) onKnown(knownAt);
  }, [knownAt, onKnown]);
  return (
    <QueryView query={found} skeleton={<Skeleton rows={10} columns={3} />}>
      {(data) => <Shown name={name} found={data} by={by} />}
    </QueryView>
  );
}

function Shown({ name, found, by }: { name: Figure; found: Grouped; by: Dimension }) {
  const { t } = useTranslation("drill");
  const { label } = useMeta();
  const { rows, unit } = useRank(found.groups, by === "month");
  const { groups } = found;
  const proof = {
    rows: groups.length,
    count: groups.reduce((total, group) => total + group.count, 0),
    amount: sum(groups.map((group) => group.amount)),
    landed: groups.reduce((total, group) => total + (group.same_quarter_landed ?? 0), 0),
  };
  const names = new Map(rows.map((row) => [row.key, row.name]));
  const parts = groups.map((group) => ({ key: group.key, name: names.get(group.key) ?? "", amount: fen(group.amount) }));
  return (
    <>
      <Head name={name} total={found.total} proof={proof} isGrouped parts={parts} marked={null} onMark={() => undefined} />
      {rows.length ? (
        <Card title={t("by", { what: titled(label("GroupBy", by)) })} note={t(`common:unit.${unit}`)} className={css.groups}>
          <Ranking rows={rows} highlight={1} />
        </Card>
      ) : (
        <NoResult text={t("nothing")} />
      )}
      <Caliber name={name} caliber={found.caliber} scope={found.scope} />
    </>
  );
}
