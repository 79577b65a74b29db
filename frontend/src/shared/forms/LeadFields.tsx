/** The fields of the two acts on a lead that are done from the queue as well as from the lead. */
import { Form, Input, Segmented } from "antd";
import { useMeta, useToday } from "@/app/who";
import { titled, useTranslation } from "@/i18n";
import { DayField } from "../DayField";
import { RefSelect } from "../RefSelect";

export function AnswerFields() {
  const { t } = useTranslation("leads");
  const { field } = useMeta();
  const today = useToday();
  return (
    <>
      <Form.Item name="note" label={t("form.answerNote")} extra={t("form.answerExtra")} rules={[{ required: true, message: t("common:required") }]}>
        <Input.TextArea autoSize={{ minRows: 3, maxRows: 10 }} maxLength={4000} autoFocus />
      </Form.Item>
      <Form.Item name="on" label={titled(field("lead", "answered_on"))} rules={[{ required: true, message: t("common:required") }]}>
        <DayField max={today} />
      </Form.Item>
      <Form.Item name="handler_id" label={titled(field("lead", "handler"))}>
        <RefSelect kind="official" />
      </Form.Item>
    </>
  );
}

export function AssessFields() {
  const { t } = useTranslation("leads");
  const { labels, field } = useMeta();
  const today = useToday();
  return (
    <>
      <Form.Item name="outcome" label={t("form.outcome")} required>
        <Segmented block options={labels("Outcome").map((one) => ({ value: one.code, label: titled(one) }))} />
      </Form.Item>
      <Form.Item name="reason" label={t("form.assessReason")} extra={t("form.assessExtra")}>
        <Input.TextArea autoSize={{ minRows: 3, maxRows: 10 }} maxLength={4000} />
      </Form.Item>
      <Form.Item name="on" label={titled(field("lead", "assessed_on"))} rules={[{ required: true, message: t("common:required") }]}>
        <DayField max={today} />
      </Form.Item>
    </>
  );
}
