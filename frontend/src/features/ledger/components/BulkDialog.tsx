/** One act on many projects: first what would become of each, then the act on those that would be let through. */
import { useMutation } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal, Radio, Select } from "antd";
import { Check, CircleX } from "lucide-react";
import { useState } from "react";
import { api, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { DayField } from "@/shared/DayField";
import { plainName, RecordName } from "@/shared/RecordName";
import { RefSelect } from "@/shared/RefSelect";
import { ErrorView } from "@/shared/StateView";
import { To } from "@/shared/To";
import { useAct } from "@/shared/useAct";
import type { Row } from "../api";
import css from "./bulk.module.css";

export type BulkAct = "appoint_leader" | "move" | "transfer";
type Body = Schemas["BulkAppointLeader"] | Schemas["BulkMoveAll"] | Schemas["BulkTransfer"];
type Answer = Schemas["BulkRead"];
type Values = Record<string, string | null | undefined>;

function bodyOf(act: BulkAct, values: Values, items: Schemas["BulkItem"][], isDry: boolean): Body {
  const common = { items, dry_run: isDry };
  if (act === "appoint_leader") return { ...common, act, body: { official_id: values.official_id!, opened_on: values.opened_on } };
  if (act === "move") {
    return { ...common, act, body: { to: values.to!, happened_on: values.happened_on!, reason: values.reason || null, catch_up: values.pace === "catch_up" } };
  }
  return {
    ...common,
    act,
    body: {
      document: values.document!,
      reason: values.reason!,
      ruled_on: values.ruled_on!,
      ...(values.unit_id && { unit_id: values.unit_id }),
      ...(values.task_force_id && { task_force_id: values.task_force_id }),
    },
  };
}

interface Props {
  act: BulkAct;
  rows: readonly Row[];
  onClose: () => void;
  onDone: () => void;
}

export function BulkDialog({ act, rows, onClose, onDone }: Props) {
  const { t } = useTranslation("ledger");
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const [values, setValues] = useState<Values>({});
  const items = rows.map((row) => ({ id: row.id, version: row.version }));

  const dry = useMutation({
    mutationFn: async (given: Values) => (await api.POST("/api/v1/projects/bulk", { body: bodyOf(act, given, items, true) })).data!,
  });
  const run = useAct<Body, Answer>({
    act: (body, { headers }) => api.POST("/api/v1/projects/bulk", { body, headers }),
    onDone: (answer) => {
      if (answer.done > 0) void message.success(t("bulk.done", { count: answer.done }));
      if (answer.refused === 0) onDone();
    },
  });
  const answer = run.data ?? dry.data;
  const passed = new Set(dry.data?.items.filter((item) => !item.problem).map((item) => item.id));

  const footer = run.data ? (
    <Button type="primary" onClick={onDone}>
      {t("common:close")}
    </Button>
  ) : (
    <>
      <Button onClick={onClose}>{t("common:cancel")}</Button>
      {dry.data ? (
        <Button
          type="primary"
          disabled={passed.size === 0}
          loading={run.isPending}
          onClick={() => run.mutate(bodyOf(act, values, items.filter((item) => passed.has(item.id)), false))}
        >
          {t("bulk.run", { count: passed.size })}
        </Button>
      ) : (
        <Button type="primary" loading={dry.isPending} onClick={() => form.submit()}>
          {t("bulk.try")}
        </Button>
      )}
    </>
  );

  return (
    <Modal open title={t("bulk.actTitle", { act: t(`bulk.${act}`), count: rows.length })} width={560} onCancel={onClose} footer={footer}>
      <Form
        form={form}
        layout="vertical"
        disabled={run.data !== undefined}
        onValuesChange={() => dry.reset()}
        onFinish={(given) => {
          setValues(given);
          dry.mutate(given);
        }}
      >
        <Fields act={act} />
      </Form>
      {dry.error && <ErrorView error={dry.error} />}
      {answer && <Result answer={answer} rows={rows} isDry={!run.data} />}
    </Modal>
  );
}

function Fields({ act }: { act: BulkAct }) {
  const { t } = useTranslation("ledger");
  const { stages } = useMeta();
  const today = useToday();
  const required = [{ required: true, message: t("common:required") }];
  if (act === "appoint_leader") {
    return (
      <div className={css.two}>
        <Form.Item name="official_id" label={t("bulk.leader")} rules={required}>
          <RefSelect kind="official" autoFocus />
        </Form.Item>
        <Form.Item name="opened_on" label={t("bulk.openedOn")} initialValue={today} rules={required}>
          <DayField max={today} style={{ width: "100%" }} />
        </Form.Item>
      </div>
    );
  }
  if (act === "move") {
    return (
      <>
        <div className={css.two}>
          <Form.Item name="to" label={t("bulk.to")} rules={required}>
            <Select autoFocus options={stages.map((one) => ({ value: one.code, label: said({ zh: one.name_zh, en: one.name_en }) }))} />
          </Form.Item>
          <Form.Item name="happened_on" label={t("bulk.happenedOn")} initialValue={today} rules={required}>
            <DayField max={today} style={{ width: "100%" }} />
          </Form.Item>
        </div>
        <Form.Item name="pace" label={t("bulk.pace")} initialValue="step">
          <Radio.Group
            options={[
              { value: "step", label: t("bulk.step") },
              { value: "catch_up", label: t("bulk.catchUp") },
            ]}
          />
        </Form.Item>
        <Form.Item name="reason" label={t("bulk.moveReason")}>
          <Input maxLength={4000} />
        </Form.Item>
      </>
    );
  }
  return (
    <>
      <div className={css.two}>
        <Form.Item name="unit_id" label={t("bulk.unit")}>
          <RefSelect kind="unit" autoFocus />
        </Form.Item>
        <Form.Item name="task_force_id" label={t("bulk.taskForce")}>
          <RefSelect kind="task_force" />
        </Form.Item>
        <Form.Item name="document" label={t("bulk.document")} rules={required}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="ruled_on" label={t("bulk.ruledOn")} initialValue={today} rules={required}>
          <DayField max={today} style={{ width: "100%" }} />
        </Form.Item>
      </div>
      <Form.Item name="reason" label={t("bulk.reason")} rules={required}>
        <Input.TextArea rows={2} maxLength={4000} />
      </Form.Item>
    </>
  );
}

function Result({ answer, rows, isDry }: { answer: Answer; rows: readonly Row[]; isDry: boolean }) {
  const { t } = useTranslation("ledger");
  const refused = answer.items.filter((item) => item.problem);
  return (
    <div className={css.result} role="status">
      <p className={css.passed}>
        <Check size={15} strokeWidth={1.75} aria-hidden="true" />
        {t(isDry ? "bulk.wouldPass" : "bulk.done", { count: answer.done })}
      </p>
      {refused.length > 0 && (
        <>
          <p className={css.refused}>
            <CircleX size={15} strokeWidth={1.75} aria-hidden="true" />
            {t(isDry ? "bulk.wouldNot" : "bulk.notDone", { count: refused.length })}
          </p>
          <ul>
            {refused.map((item) => {
              const row = rows.find((one) => one.id === item.id);
              const missing = (item.problem!.gates ?? []).filter((gate) => !gate.is_met && gate.strictness === "block");
              return (
                <li key={item.id}>
                  {row && (
                    <To href={`/projects/${row.id}`} target="_blank" title={plainName(row.name)}>
                      <RecordName of={row} illustrative={row.is_illustrative} />
                    </To>
                  )}
                  <span>
                    {missing.length
                      ? missing.map((gate) => said({ zh: gate.missing_zh ?? gate.zh, en: gate.missing_en ?? gate.en })).join(t("common:listSeparator"))
                      : [item.problem!.detail, ...(item.problem!.errors ?? []).map((one) => one.detail)].filter(Boolean).join(" ")}
                  </span>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </div>
  );
}
