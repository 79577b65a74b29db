import { Modal } from "antd";
import { useKeysInForce } from "@/app/keys";
import { useTranslation } from "@/i18n";
import css from "./palette.module.css";

const SIGNS: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

/** The keys in force on this page. */
export function KeyList({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("common");
  const keys = useKeysInForce();
  return (
    <Modal open onCancel={onClose} footer={null} title={t("keys.title")} width={420}>
      <dl className={css.keys}>
        <dt>
          <kbd>Ctrl K</kbd>
        </dt>
        <dd>{t("shell.search")}</dd>
        {keys.map((key) => (
          <div key={key.key}>
            <dt>
              <kbd>{SIGNS[key.key] ?? key.key}</kbd>
            </dt>
            <dd>{key.does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
