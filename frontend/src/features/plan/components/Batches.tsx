import { Button, Form, Input } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe, useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { countText } from "@/shared/counts";
import { DayField } from "@/shared/DayField";
import { FormSheet } from "@/shared/FormSheet";
import { Money } from "@/shared/Money";
import { sum, yuanOf } from "@/shared/money";
import { RecordName } from "@/shared/RecordName";
import { RefSelect } from "@/shared/RefSelect";
import { Sheet } from "@/shared/Sheet";
import { Empty, QueryView } from "@/shared/StateView";
import { To } from "@/shared/To";
import { toast } from "@/shared/toast";
import { useAct } from "@/shared/useAct";
import { YearSteps } from "./YearSteps";
import css from "../plan.module.css";

type Batch = Schemas["StartBatchRead"];
type Whole = Schemas["StartBatchDetail"];
type Member = Schemas["BatchMember"];

export function Batches() {
  const { t } = useTranslation("plan");
  const me = useMe();
  const today = useToday();
  const [search, change] = usePageSearch();
  const [isNew, setIsNew] = useState(false);
  const year = Number(search.year ?? today.slice(0, 4));
  const found = queries.useQuery("get", "/api/v1/start-batches", { params: { query: { year, limit: 100 } } });
  const mayKeep = me.permissions.some((one) => one.code === "keep_lists");
  return (
    <>
      <div className={css.bar}>
        <YearSteps year={year} onChange={(next) => change({ year: next })} />
        {mayKeep && (
          <Button className={css.right} type="primary" icon={<Plus size={14} strokeWidth={1.75} />} onClick={() => setIsNew(true)}>
            {t("addBatch")}
          </Button>
        )}
      </div>
      <QueryView query={found}>
        {({ items }) =>
          items.length ? (
            <Card>
              <ul className={css.lines}>
                {items.map((batch) => (
                  <li key={batch.id} className={batch.withdrawn_reason ? css.over : ""}>
                    <span className={css.quiet}>{batch.held_on}</span>
                    <span>
                      <b className={css.name}>
                        <RecordName of={batch} illustrative={batch.is_illustrative} />
                      </b>
                      <small>{batch.withdrawn_reason ? t("withdrawn", { why: batch.withdrawn_reason }) : batch.source}</small>
                    </span>
                    <Button size="small" onClick={() => change({ open: batch.id }, { push: true })}>
                      {t("common:view")}
                    </Button>
                  </li>
                ))}
              </ul>
            </Card>
          ) : (
            <Empty title={t("emptyBatches", { year })} />
          )
        }
      </QueryView>
      {search.open && <BatchSheet id={search.open} mayKeep={mayKeep} onClose={() => change({ open: null })} />}
      {isNew && <BatchForm onClose={() => setIsNew(false)} onDone={(batch) => change({ open: batch.id, year: batch.held_on.slice(0, 4) })} />}
    </>
  );
}

function BatchSheet({ id, mayKeep, onClose }: { id: string; mayKeep: boolean; onClose: () => void }) {
  const { t } = useTranslation("plan");
  const { label } = useMeta();
  const [left, setLeft] = useState<Member | null>(null);
  const [isWithdrawing, setIsWithdrawing] = useState(false);
  const [joining, setJoining] = useState<string | null>(null);
  const path = { batch_id: id };
  const found = queries.useQuery("get", "/api/v1/start-batches/{batch_id}", { params: { path } });
  const join = useAct<string, Whole>({
    act: (project_id, { headers }) =>
      api.POST("/api/v1/start-batches/{batch_id}/projects/{project_id}", { params: { path: { ...path, project_id } }, headers }),
    onDone: () => setJoining(null),
  });
  const batch = found.data;
  const isOpen = mayKeep && batch && !batch.withdrawn_reason;
  return (
    <Sheet
      open
      title={batch?.name ?? t("tabs.batches")}
      onClose={onClose}
      width={600}
      foot={isOpen && <Button onClick={() => setIsWithdrawing(true)}>{t("withdrawBatch")}</Button>}
    >
      <QueryView query={found}>
        {(one) => (
          <>
            <p className={css.sum}>
              <b>{t("projects", { count: one.count.value, shown: countText(one.count) })}</b> <Money yuan={yuanOf(sum(one.projects.map((project) => project.planned_total)))} />
            </p>
            <p className={css.quiet}>
              {one.held_on} · {one.source}
            </p>
            {one.withdrawn_reason && <p className={css.warn}>{t("withdrawn", { why: one.withdrawn_reason })}</p>}
            {isOpen && (
              <div className={css.join}>
                <RefSelect kind="project" value={joining} placeholder={t("join")} onChange={setJoining} style={{ flex: 1 }} />
                <Button disabled={!joining} loading={join.isPending} onClick={() => joining && join.mutate(joining)}>
                  {t("add")}
                </Button>
              </div>
            )}
            <ul className={css.lines}>
              {one.projects.map((project) => (
                <li key={project.id}>
                  <span>
                    <To href={`/projects/${project.id}`}>
                      <RecordName of={project} />
                    </To>
                    <small>
                      {project.code} · {said(label("Program", project.program))}
                    </small>
                  </span>
                  <Money yuan={project.planned_total} />
                  {isOpen && (
                    <Button size="small" type="link" onClick={() => setLeft(project)}>
                      {t("leave")}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </>
        )}
      </QueryView>
      {left && (
        <ReasonForm
          title={t("leaveTitle", { name: left.name })}
          submit={t("leave")}
          act={(body, headers) =>
            api.POST("/api/v1/start-batches/{batch_id}/projects/{project_id}/withdrawal", {
              params: { path: { ...path, project_id: left.id } },
              body,
              headers,
            })
          }
          onClose={() => setLeft(null)}
        />
      )}
      {isWithdrawing && (
        <ReasonForm
          title={t("withdrawBatch")}
          note={t("withdrawBatchNote")}
          submit={t("withdrawBatch")}
          act={(body, headers) => api.POST("/api/v1/start-batches/{batch_id}/withdrawal", { params: { path }, body, headers })}
          onClose={() => setIsWithdrawing(false)}
        />
      )}
    </Sheet>
  );
}

interface ReasonProps {
  title: string;
  note?: string;
  submit: string;
  act: (body: { reason: string }, headers: { "Idempotency-Key": string }) => Promise<{ data?: unknown }>;
  onClose: () => void;
}

export function ReasonForm({ act, ...rest }: ReasonProps) {
  const { t } = useTranslation("plan");
  return (
    <FormSheet<{ reason: string }, unknown> isShort {...rest} act={(body, { headers }) => act(body, headers)} onDone={() => toast(t("done"))}>
      <Form.Item name="reason" label={t("reason")} rules={[{ required: true, whitespace: true, message: t("common:required") }]}>
        <Input.TextArea autoSize={{ minRows: 2 }} />
      </Form.Item>
    </FormSheet>
  );
}

function BatchForm({ onClose, onDone }: { onClose: () => void; onDone: (batch: Batch) => void }) {
  const { t } = useTranslation("plan");
  const today = useToday();
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormSheet<Schemas["StartBatchCreate"], Whole>
      title={t("addBatch")}
      note={t("batchNote")}
      draft="start-batch"
      initial={{ held_on: today }}
      submit={t("addBatch")}
      act={(body, { headers }) => api.POST("/api/v1/start-batches", { body, headers })}
      onDone={onDone}
      onClose={onClose}
    >
      <Form.Item name="name" label={t("batchName")} rules={required}>
        <Input autoFocus />
      </Form.Item>
      <Form.Item name="held_on" label={t("heldOn")} rules={required}>
        <DayField />
      </Form.Item>
      <Form.Item name="source" label={t("source")}>
        <Input />
      </Form.Item>
    </FormSheet>
  );
}
