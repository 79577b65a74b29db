import { Modal } from "antd";
import { useKeysInForce } from "@/app/keys";
import { useTranslation } from "@/i18n";
import { KEY_LISTS } from "./keyLists";
import css from "./palette.module.css";

const SIGNS: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

/** All keys by where they hold; those in force on this page come first. */
export function KeyList({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("common");
  const here = useKeysInForce().filter(({ key }) => key !== "?");
  return (
    <Modal open onCancel={onClose} footer={null} title={t("keys.title")} width={420}>
      {here.length > 0 && <Keys title={t("keys.here")} keys={here} />}
      {KEY_LISTS.map((group) => (
        <Keys key={group.title} title={t(group.title)} keys={group.keys.map(([key, does]) => ({ key, does: t(does) }))} />
      ))}
    </Modal>
  );
}

function Keys({ title, keys }: { title: string; keys: readonly { key: string; does: string }[] }) {
  return (
    <section className={css.keyGroup}>
      <h3>{title}</h3>
      <dl className={css.keys}>
        {keys.map(({ key, does }) => (
          <div key={key}>
            <dt>
              <kbd>{SIGNS[key] ?? key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
