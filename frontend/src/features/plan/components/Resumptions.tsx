import { Button, Form, Input } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe, useMeta, useToday } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import type { Column } from "@/shared/DataTable";
import { DayField } from "@/shared/DayField";
import { FormSheet } from "@/shared/FormSheet";
import { Money } from "@/shared/Money";
import { CardLines, RecordList } from "@/shared/RecordList";
import { RecordName } from "@/shared/RecordName";
import { RefSelect } from "@/shared/RefSelect";
import { Sheet } from "@/shared/Sheet";
import { Empty, QueryView } from "@/shared/StateView";
import { To } from "@/shared/To";
import { usePages } from "@/shared/usePages";
import { ReasonForm } from "./Batches";
import { YearSteps } from "./YearSteps";
import css from "../plan.module.css";

type Row = Schemas["FigureRow"];

/** Projects started or resumed in a year, and the confirmation that work on one goes on. */
export function Resumptions() {
  const { t } = useTranslation("plan");
  const { label } = useMeta();
  const me = useMe();
  const today = useToday();
  const [search, change] = usePageSearch();
  const [isAdding, setIsAdding] = useState(false);
  const year = Number(search.year ?? today.slice(0, 4));
  const pages = usePages<Row, Schemas["FigureRows"]>(["resumptions", year], async (asked) => {
    const { data } = await api.GET("/api/v1/totals/started-or-resumed/rows", { params: { query: { period: String(year), ...asked } } });
    return data!;
  });
  const mayWrite = me.permissions.some((one) => one.code === "write");
  const nameOf = (row: Row) => ({ name: row.project.name ?? row.project.code });
  const columns: Column<Row>[] = [
    { key: "day", title: t("day"), width: 100, frozen: true, render: (row) => row.day },
    { key: "code", title: t("code"), width: 108, render: (row) => <span className={css.quiet}>{row.project.code}</span> },
    {
      key: "name",
      title: t("project"),
      width: 260,
      grows: true,
      render: (row) => (
        <b className={css.name}>
          <RecordName of={nameOf(row)} illustrative={row.is_illustrative} />
        </b>
      ),
    },
    { key: "kind", title: t("kind"), width: 110, render: (row) => said(label("FigureKind", row.kind)) },
    { key: "unit", title: t("unit"), width: 140, render: (row) => (row.unit ? shortNameOf(row.unit) : "—") },
    { key: "total", title: t("totalYi"), width: 110, align: "right", render: (row) => <Money yuan={row.planned_total} unit="yi" hasUnit={false} /> },
    {
      key: "act",
      title: "",
      width: 100,
      render: (row) =>
        row.kind === "resumed" && row.project.id ? (
          <Button type="link" size="small" onClick={() => change({ open: row.project.id }, { push: true })}>
            {t("resumptions")}
          </Button>
        ) : null,
    },
  ];
  return (
    <>
      <div className={css.bar}>
        <YearSteps year={year} onChange={(next) => change({ year: next })} />
        {pages.first && (
          <To href={`/rows/started-or-resumed?period=${year}`} className={css.total}>
            <b>{t("projects", { count: pages.first.count?.value, shown: countText(pages.first.count) })}</b> <Money yuan={pages.first.sum.planned_total} />
          </To>
        )}
        {mayWrite && (
          <Button className={css.right} type="primary" icon={<Plus size={14} strokeWidth={1.75} />} onClick={() => setIsAdding(true)}>
            {t("resume")}
          </Button>
        )}
      </div>
      <RecordList
        pages={pages}
        columns={columns}
        rowKey={(row) => `${row.project.code}${row.day}${row.kind}`}
        label={t("tabs.resumptions")}
        href={(row) => (row.project.id ? `/projects/${row.project.id}` : "/projects")}
        card={(row) => (
          <CardLines
            title={<RecordName of={nameOf(row)} illustrative={row.is_illustrative} />}
            side={<Money yuan={row.planned_total} unit="yi" />}
            lines={[`${row.day} · ${said(label("FigureKind", row.kind))}`, row.unit && shortNameOf(row.unit)]}
          />
        )}
        empty={<Empty title={t("emptyResumptions", { year })} />}
      />
      {isAdding && <ResumeForm onClose={() => setIsAdding(false)} />}
      {search.open && <ProjectSheet id={search.open} mayWrite={mayWrite} onClose={() => change({ open: null })} />}
    </>
  );
}

function ProjectSheet({ id, mayWrite, onClose }: { id: string; mayWrite: boolean; onClose: () => void }) {
  const { t } = useTranslation("plan");
  const found = queries.useQuery("get", "/api/v1/projects/{project_id}/work-resumptions", { params: { path: { project_id: id } } });
  const [year, setYear] = useState<number | null>(null);
  return (
    <Sheet open title={t("resumptions")} onClose={onClose}>
      <QueryView query={found}>
        {(items) => (
          <ul className={css.lines}>
            {items.map((one) => (
              <li key={one.year} className={one.is_withdrawn ? css.over : ""}>
                <span>
                  {one.on}
                  <small>{one.is_withdrawn ? t("withdrawn", { why: one.reason ?? "" }) : one.note}</small>
                </span>
                {mayWrite && !one.is_withdrawn && (
                  <Button size="small" onClick={() => setYear(one.year)}>
                    {t("common:undo")}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      {year !== null && (
        <ReasonForm
          title={t("withdrawResumption", { year })}
          submit={t("common:undo")}
          act={(body, headers) =>
            api.POST("/api/v1/projects/{project_id}/work-resumptions/{year}/withdrawal", {
              params: { path: { project_id: id, year } },
              body,
              headers,
            })
          }
          onClose={() => setYear(null)}
        />
      )}
    </Sheet>
  );
}

function ResumeForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("plan");
  const today = useToday();
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormSheet<{ project_id: string; on: string; note?: string }, unknown>
      title={t("resume")}
      note={t("resumeNote")}
      draft="resumption"
      initial={{ on: today }}
      submit={t("resume")}
      act={({ project_id, ...body }, { headers }) =>
        api.POST("/api/v1/projects/{project_id}/work-resumptions", { params: { path: { project_id } }, body, headers })
      }
      onClose={onClose}
    >
      <Form.Item name="project_id" label={t("project")} rules={required}>
        <RefSelect kind="project" autoFocus style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item name="on" label={t("day")} rules={required}>
        <DayField max={today} />
      </Form.Item>
      <Form.Item name="note" label={t("remark")}>
        <Input.TextArea autoSize={{ minRows: 2 }} />
      </Form.Item>
    </FormSheet>
  );
}
