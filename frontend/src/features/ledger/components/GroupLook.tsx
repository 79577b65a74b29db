/** The rows of the filter in groups: each with its count and sums, opened to its rows. */
import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Search } from "@/app/search";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { countText } from "@/shared/counts";
import { type Column, DataTable } from "@/shared/DataTable";
import { useDensity } from "@/shared/density";
import { type Counted, useFacets } from "@/shared/filters/facets";
import { plainName } from "@/shared/RecordName";
import { ErrorView, Skeleton } from "@/shared/StateView";
import { StageRing } from "@/shared/StageTag";
import { To } from "@/shared/To";
import { stringifySearch } from "@/app/search";
import { type Row, useProjects } from "../api";
import { PoolSums, useLeftOut } from "./Foot";
import css from "./group.module.css";

/** The dimensions of the facets that a list is grouped by. */
export const GROUPINGS = ["stage", "unit", "task_force", "leader", "industry"] as const;
export type Grouping = (typeof GROUPINGS)[number];

interface Props {
  by: Grouping;
  conditions: Search;
  columns: readonly Column<Row>[];
  sort: string;
  onOpen: (row: Row) => void;
  nothing: ReactNode;
}

export function GroupLook({ by, conditions, columns, sort, onOpen, nothing }: Props) {
  const { t } = useTranslation("ledger");
  const facets = useFacets("projects", conditions, [by]);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  if (facets.error && !facets.data) return <ErrorView error={facets.error} onRetry={() => void facets.refetch()} />;
  const list = facets.data?.[by];
  if (!list) return <Skeleton rows={8} columns={4} />;
  if (list.items.length === 0) return nothing;
  const toggle = (key: string) =>
    setOpened((now) => {
      const next = new Set(now);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  return (
    <div className={css.groups}>
      <Card isBare>
        {list.items.map((group) => {
          const key = group.key ?? "none";
          // The group narrows the conditions: one on the dimension itself gives way to the one value.
          const within = { ...conditions, [list.filter]: key };
          const isOpen = opened.has(key);
          return (
            <section key={key} className={css.group}>
              <button type="button" className={css.head} aria-expanded={isOpen} onClick={() => toggle(key)}>
                <ChevronRight size={15} strokeWidth={1.75} aria-hidden="true" className={isOpen ? css.open : ""} />
                {by === "stage" && group.key && <StageRing stage={group.key} />}
                <b className={group.key ? "" : css.none}>{nameOfGroup(group)}</b>
                <span className={css.count}>{t("projects", { count: group.count })}</span>
                <Sums group={group} />
              </button>
              {isOpen && <GroupRows conditions={within} columns={columns} sort={sort} count={group.count} onOpen={onOpen} />}
            </section>
          );
        })}
      </Card>
      {!list.is_whole && <p className={css.note}>{t("largestOnly")}</p>}
    </div>
  );
}

function nameOfGroup(group: Counted): string {
  if (!group.key) return said(group);
  return plainName(shortNameOf({ name: group.zh, name_en: group.en, short_name: group.short_name }));
}

function Sums({ group }: { group: Counted }) {
  const leftOut = useLeftOut(group.left_out);
  return (
    <span className={css.sums} title={leftOut || undefined}>
      <PoolSums sums={group.sum} />
    </span>
  );
}

/** How many rows of a group are shown in place; the others in the list filtered to it. */
const SHOWN = 12;

interface RowsProps extends Pick<Props, "conditions" | "columns" | "sort" | "onOpen"> {
  count: number;
}

function GroupRows({ conditions, columns, sort, count, onOpen }: RowsProps) {
  const { t } = useTranslation("ledger");
  const { rowHeight } = useDensity();
  const { rows, isLoading, error, refetch } = useProjects(conditions, sort);
  if (error && !rows.length) return <ErrorView error={error} onRetry={() => void refetch()} />;
  const shown = rows.slice(0, SHOWN);
  return (
    <div className={css.rows}>
      {isLoading ? (
        <Skeleton rows={Math.min(count, SHOWN)} columns={6} />
      ) : (
        <DataTable
          label={t("common:pages.ledger")}
          rows={shown}
          columns={columns}
          rowKey={(row) => row.id}
          rowHeight={rowHeight}
          height={shown.length * rowHeight + 37}
          hasKeys={false}
          onOpen={onOpen}
        />
      )}
      {count > SHOWN && (
        <To href={`/projects${stringifySearch({ ...conditions, sort })}`} className={css.more}>
          {t("allOfGroup", { shown: countText(count) })}
        </To>
      )}
    </div>
  );
}
