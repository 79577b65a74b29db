import { Button, Form, Input, Switch } from "antd";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMeta } from "@/app/who";
import { said, textFor, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { CountTabs } from "@/shared/CountTabs";
import type { Column } from "@/shared/DataTable";
import { stamp } from "@/shared/days";
import { FormSheet } from "@/shared/FormSheet";
import { Sheet } from "@/shared/Sheet";
import { QueryView } from "@/shared/StateView";
import { useAct } from "@/shared/useAct";
import { usePages } from "@/shared/usePages";
import { Block, Code, Facts, Lines, List, ReasonItem, State, useSayDone } from "../parts";
import css from "../admin.module.css";

type Job = Schemas["JobRead"];
type Schedule = Schemas["ScheduleRead"];

const TONES = { waiting: "soon", running: "soon", done: "ok", failed: "bad", cancelled: "plain" } as const;

export default function Jobs() {
  const { t } = useTranslation("admin");
  const { label, labels } = useMeta();
  const [search, change] = usePageSearch();
  const query = search.state ? { state: search.state as Job["state"] } : {};
  const pages = usePages<Job, Schemas["JobList"] & { next_cursor: null }>(["jobs", query], async () => {
    const { data } = await api.GET("/api/v1/jobs", { params: { query: { ...query, limit: 100 } } });
    return { ...data!, next_cursor: null };
  });
  const counts = pages.first?.counts ?? {};
  const state = (row: Job) => <State tone={TONES[row.state]}>{said(label("JobState", row.state))}</State>;
  const columns: Column<Job>[] = [
    { key: "kind", title: t("jobs.kind"), width: 200, grows: true, render: (row) => <b className={css.strong} title={row.kind}>{named(row.kind)}</b> },
    { key: "state", title: t("jobs.state"), width: 110, render: state },
    { key: "run", title: t("jobs.run"), width: 140, render: (row) => stamp(row.started_at ?? row.run_at) },
    { key: "ended", title: t("jobs.ended"), width: 140, render: (row) => (row.ended_at ? stamp(row.ended_at) : "—") },
    { key: "done", title: t("jobs.progress"), width: 110, align: "right", render: progress },
    { key: "error", title: t("jobs.error"), width: 220, grows: true, render: (row) => row.error },
  ];
  const open = pages.rows.find((row) => row.id === search.open);
  return (
    <>
      <CountTabs
        label={t("jobs.state")}
        current={search.state ?? ""}
        onChange={(next) => change({ state: next })}
        tabs={[
          { key: "", label: t("common:all"), count: Object.values(counts).reduce((sum, one) => sum + one, 0) },
          ...labels("JobState")
            .filter((one) => counts[one.code])
            .map((one) => ({ key: one.code, label: said(one), count: counts[one.code], isUrgent: one.code === "failed" })),
        ]}
      />
      <div className={css.stack} style={{ marginTop: 12 }}>
        <List
          pages={pages}
          columns={columns}
          rowKey={(row) => row.id}
          label={t("sections.jobs")}
          onOpen={(row) => change({ open: row.id }, { push: true })}
          card={(row) => <Lines title={named(row.kind)} side={state(row)} lines={[stamp(row.started_at ?? row.run_at), row.error]} />}
        />
        <Schedules />
      </div>
      {open && <JobSheet of={open} onClose={() => change({ open: null })} />}
    </>
  );
}

function named(kind: string): string {
  return textFor("admin:jobs.kinds", kind);
}

/** Returns the function that says when a schedule runs, daily or hourly; any other stays as it is written. */
function useWhen(): (cron: string) => string {
  const { t } = useTranslation("admin");
  return (cron) => {
    const [, minute, hour] = /^(\d+) (\d+|\*) \* \* \*$/.exec(cron) ?? [];
    if (!minute || !hour) return cron;
    return hour === "*" ? t("jobs.hourly", { minute }) : t("jobs.daily", { time: `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}` });
  };
}

function progress(row: Job): string {
  if (row.done_count === null) return "";
  return row.total_count === null ? String(row.done_count) : `${row.done_count} / ${row.total_count}`;
}

function JobSheet({ of, onClose }: { of: Job; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const done = useSayDone();
  const path = { job_id: of.id };
  const act = useAct<"cancel" | "retry", Job>({
    act: (what, { headers }) =>
      what === "cancel"
        ? api.POST("/api/v1/jobs/{job_id}/cancellation", { params: { path }, headers })
        : api.POST("/api/v1/jobs/{job_id}/retry", { params: { path }, headers }),
    onDone: () => done(null),
  });
  const isOpen = of.state === "waiting" || of.state === "running";
  return (
    <Sheet
      open
      title={named(of.kind)}
      onClose={onClose}
      foot={
        (isOpen || of.state === "failed") && (
          <Button type="primary" loading={act.isPending} onClick={() => act.mutate(isOpen ? "cancel" : "retry")}>
            {t(isOpen ? "jobs.cancel" : "jobs.retry")}
          </Button>
        )
      }
    >
      <Facts
        rows={[
          [t("jobs.state"), said(label("JobState", of.state))],
          [t("jobs.created"), stamp(of.created_at)],
          [t("jobs.run"), stamp(of.started_at ?? of.run_at)],
          of.ended_at && [t("jobs.ended"), stamp(of.ended_at)],
          [t("jobs.attempts"), of.attempts],
          of.done_count !== null && [t("jobs.progress"), progress(of)],
          of.error && [t("jobs.error"), of.error],
        ]}
      />
      {of.result && (
        <Block title={t("jobs.result")}>
          <Code>{of.result}</Code>
        </Block>
      )}
    </Sheet>
  );
}

function Schedules() {
  const { t } = useTranslation("admin");
  const when = useWhen();
  const done = useSayDone();
  const found = queries.useQuery("get", "/api/v1/job-schedules");
  const [open, setOpen] = useState<Schedule | null>(null);
  return (
    <Card title={t("jobs.schedules")} note={t("jobs.schedulesNote")}>
      <QueryView query={found}>
        {({ items }) => (
          <ul className={css.lines}>
            {items.map((one) => (
              <li key={one.name}>
                <span>
                  <span title={one.name}>{named(one.name)}</span>
                  <small>
                    {[one.last_at && t("jobs.last", { at: stamp(one.last_at) }), one.is_active && t("jobs.next", { at: stamp(one.next_at) })].filter(Boolean).join(" · ")}
                  </small>
                </span>
                <span className={css.quiet} title={one.cron}>{when(one.cron)}</span>
                {!one.is_active && <State>{t("endpoints.off")}</State>}
                <Button size="small" onClick={() => setOpen(one)}>
                  {t("common:edit")}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      {open && (
        <FormSheet<Schemas["ScheduleSet"], Schedule | Schemas["ControlChangeRead"]>
          isShort
          title={named(open.name)}
          note={t("jobs.cronNote")}
          initial={{ cron: open.cron, is_active: open.is_active }}
          submit={t("common:save")}
          act={(body) => api.PUT("/api/v1/job-schedules/{name}", { params: { path: { name: open.name } }, body })}
          onDone={done}
          onClose={() => setOpen(null)}
        >
          <Form.Item name="cron" label={t("jobs.cron")} rules={[{ required: true, message: t("common:required") }]}>
            <Input />
          </Form.Item>
          <Form.Item name="is_active" label={t("jobs.active")} valuePropName="checked" required>
            <Switch />
          </Form.Item>
          <ReasonItem isOptional hint={t("reasonHint")} />
        </FormSheet>
      )}
    </Card>
  );
}
