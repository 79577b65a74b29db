/** A project that has a leader is handed over to the next one: what is handed over is written down. */
import { Form, Input, Modal } from "antd";
import { useTranslation } from "@/i18n";
import { plainName } from "@/shared/RecordName";
import type { Handover } from "./useCellEdit";

export function HandoverDialog({ row, name, onDone, onClose }: Handover) {
  const { t } = useTranslation("ledger");
  const [form] = Form.useForm<{ note: string }>();
  return (
    <Modal open title={t("handover.title", { name: plainName(row.name) })} okText={t("handover.ok")} onCancel={onClose} onOk={() => form.submit()}>
      <p>{t("handover.text", { from: plainName(row.leader?.name ?? ""), to: plainName(name) })}</p>
      <Form form={form} layout="vertical" style={{ marginTop: 12 }} onFinish={(values) => onDone(values.note.trim())}>
        <Form.Item name="note" label={t("handover.note")} rules={[{ required: true, whitespace: true, message: t("common:required") }]}>
          <Input.TextArea autoFocus rows={3} maxLength={4000} placeholder={t("handover.placeholder")} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
