/** A secret that the service shows once: it is in no draft, no cache and no address, and gone when this is closed. */
import { Button, Modal } from "antd";
import { Check, Copy, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "@/i18n";
import { copy } from "./copy";
import css from "./form.module.css";

export interface Secret {
  label: string;
  text: string;
}

interface Props {
  title: string;
  /** What to do with it. */
  note?: string;
  secrets: readonly Secret[];
  onClose: () => void;
}

export function SecretDialog({ title, note, secrets, onClose }: Props) {
  const { t } = useTranslation("act");
  return (
    <Modal
      open
      title={title}
      onCancel={onClose}
      maskClosable={false}
      keyboard={false}
      closable={false}
      width={520}
      footer={
        <Button type="primary" onClick={onClose}>
          {t("kept")}
        </Button>
      }
    >
      <p className={css.once}>
        <TriangleAlert size={15} strokeWidth={1.75} aria-hidden="true" />
        <span>
          {t("once")} {note}
        </span>
      </p>
      <dl className={css.secrets}>
        {secrets.map((secret) => (
          <div key={secret.label}>
            <dt>{secret.label}</dt>
            <dd>
              <code className={css.secret}>{secret.text}</code>
              <CopyButton text={secret.text} />
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

/** Says beside itself that it has copied. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation("act");
  const [isDone, setIsDone] = useState(false);
  return (
    <Button
      size="small"
      icon={isDone ? <Check size={13} strokeWidth={1.75} /> : <Copy size={13} strokeWidth={1.75} />}
      onClick={() => void copy(text).then(() => setIsDone(true))}
    >
      {isDone ? t("copied") : (label ?? t("copy"))}
    </Button>
  );
}
