import { useQueries } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe, useMeta, useToday } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import type { Column } from "@/shared/DataTable";
import { FormSheet } from "@/shared/FormSheet";
import { Money } from "@/shared/Money";
import { MoneyField } from "@/shared/MoneyField";
import { RecordList, CardLines } from "@/shared/RecordList";
import { RecordName } from "@/shared/RecordName";
import { RefSelect } from "@/shared/RefSelect";
import { StageTag } from "@/shared/StageTag";
import { Empty } from "@/shared/StateView";
import { To } from "@/shared/To";
import { toast } from "@/shared/toast";
import { usePages } from "@/shared/usePages";
import { YearSteps } from "./YearSteps";
import css from "../plan.module.css";

type Row = Schemas["PlanListItem"];

export function PlanList() {
  const { t } = useTranslation("plan");
  const { label, labels } = useMeta();
  const me = useMe();
  const today = useToday();
  const [search, change] = usePageSearch();
  const [isAdding, setIsAdding] = useState(false);
  const [withdrawn, setWithdrawn] = useState<Row | null>(null);
  const year = Number(search.year ?? today.slice(0, 4));
  const mayKeep = me.permissions.some((one) => one.code === "keep_lists");
  const program = search.program as Row["program"] | undefined;
  const query = { ...(program && { program }), ...(search.unit_id && { unit_id: search.unit_id }) };
  const pages = usePages<Row, Schemas["Page_PlanListItem_"]>(["plan-list", year, query], async (asked) => {
    const { data } = await api.GET("/api/v1/plan-lists/{year}", { params: { path: { year }, query: { ...query, ...asked, with: "count" } } });
    return data!;
  });
  const columns: Column<Row>[] = [
    { key: "code", title: t("code"), width: 108, frozen: true, render: (row) => <span className={css.quiet}>{row.code}</span> },
    {
      key: "name",
      title: t("project"),
      width: 260,
      grows: true,
      frozen: true,
      render: (row) => (
        <b className={css.name}>
          <RecordName of={row} />
        </b>
      ),
    },
    { key: "program", title: t("program"), width: 128, render: (row) => said(label("Program", row.program)) },
    { key: "stage", title: t("stage"), width: 120, render: (row) => <StageTag stage={row.stage} /> },
    { key: "unit", title: t("unit"), width: 140, render: (row) => (row.unit ? shortNameOf(row.unit) : "—") },
    { key: "total", title: t("totalYi"), width: 110, align: "right", render: (row) => <Money yuan={row.planned_total} unit="yi" hasUnit={false} /> },
    { key: "this", title: t("thisYearYi"), width: 124, align: "right", render: (row) => <Money yuan={row.planned_this_year} unit="yi" hasUnit={false} /> },
    { key: "source", title: t("source"), width: 170, render: (row) => <span title={row.source ?? undefined}>{row.source ?? "—"}</span> },
    ...(mayKeep
      ? [
          {
            key: "act",
            title: "",
            width: 72,
            render: (row: Row) => (
              <Button type="link" size="small" onClick={() => setWithdrawn(row)}>
                {t("withdraw")}
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <div className={css.bar}>
        <YearSteps year={year} onChange={(next) => change({ year: next })} />
        {mayKeep && (
          <Button className={css.right} type="primary" icon={<Plus size={14} strokeWidth={1.75} />} onClick={() => setIsAdding(true)}>
            {t("list")}
          </Button>
        )}
      </div>
      <Pools year={year} program={program} programs={labels("Program").map((one) => one.code)} onChoose={(next) => change({ program: next })} />
      <RecordList
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("tabs.list")}
        href={(row) => `/projects/${row.id}`}
        card={(row) => (
          <CardLines
            title={<RecordName of={row} />}
            side={<Money yuan={row.planned_total} unit="yi" />}
            lines={[`${row.code} · ${said(label("Program", row.program))}`, row.unit && shortNameOf(row.unit)]}
          />
        )}
        empty={<Empty title={t("emptyList", { year })} />}
        onClear={program ? () => change({ program: null }) : undefined}
        note={t("note", { count: pages.first?.count?.value, shown: countText(pages.first?.count) })}
      />
      {isAdding && <ListForm year={year} onClose={() => setIsAdding(false)} />}
      {withdrawn && (
        <FormSheet<{ reason: string }, unknown>
          isShort
          title={t("withdrawTitle", { name: withdrawn.name })}
          note={t("withdrawNote", { year })}
          submit={t("withdraw")}
          act={(body, { headers }) =>
            api.POST("/api/v1/plan-lists/{year}/projects/{project_id}/withdrawal", {
              params: { path: { year, project_id: withdrawn.id } },
              body,
              headers,
            })
          }
          onDone={() => toast(t("done"))}
          onClose={() => setWithdrawn(null)}
        >
          <Form.Item name="reason" label={t("reason")} rules={[{ required: true, whitespace: true, message: t("common:required") }]}>
            <Input.TextArea autoSize={{ minRows: 2 }} />
          </Form.Item>
        </FormSheet>
      )}
    </>
  );
}

interface PoolsProps {
  year: number;
  program?: string;
  programs: readonly string[];
  onChoose: (program: string | null) => void;
}

/** The whole list, and each pool of it: the sums are of the service, and open the rows behind them. */
function Pools({ year, program, programs, onChoose }: PoolsProps) {
  const { t } = useTranslation("plan");
  const { label } = useMeta();
  const pools = [null, ...programs];
  const found = useQueries({
    queries: pools.map((one) =>
      queries.queryOptions("get", "/api/v1/totals/planned-year/rows", {
        params: { query: { period: String(year), limit: 1, ...(one && { program: one }) } },
      }),
    ),
  });
  return (
    <ul className={css.pools}>
      {pools.map((one, index) => {
        const data = found[index]?.data;
        if (one && data && data.count.value === 0) return null;
        const isChosen = one ? program === one : !program;
        return (
          <li key={one ?? "all"} className={isChosen ? css.chosen : ""}>
            <button type="button" aria-pressed={isChosen} onClick={() => onChoose(one)}>
              <span>{one ? said(label("Program", one)) : t("whole")}</span>
              <b>
                {data ? <Money yuan={data.sum.planned_total} /> : "…"}
                <small>{data && t("projects", { count: data.count?.value, shown: countText(data.count) })}</small>
              </b>
              <span>
                {t("thisYear")} {data && <Money yuan={data.sum.planned_this_year} />}
              </span>
            </button>
            <To href={`/rows/planned-year?period=${year}${one ? `&program=${one}` : ""}`}>{t("rows")}</To>
          </li>
        );
      })}
    </ul>
  );
}

function ListForm({ year, onClose }: { year: number; onClose: () => void }) {
  const { t } = useTranslation("plan");
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormSheet<{ project_id: string; source: string; planned_this_year?: string | null }, unknown>
      title={t("listTitle", { year })}
      draft={`plan.${year}`}
      submit={t("list")}
      act={({ project_id, ...body }, { headers }) =>
        api.POST("/api/v1/plan-lists/{year}/projects/{project_id}", { params: { path: { year, project_id } }, body, headers })
      }
      onDone={() => toast(t("done"))}
      onClose={onClose}
    >
      <Form.Item name="project_id" label={t("project")} rules={required}>
        <RefSelect kind="project" autoFocus style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item name="planned_this_year" label={t("thisYear")} extra={t("thisYearHint")}>
        <MoneyField />
      </Form.Item>
      <Form.Item name="source" label={t("source")} rules={required} extra={t("sourceHint")}>
        <Input />
      </Form.Item>
    </FormSheet>
  );
}
