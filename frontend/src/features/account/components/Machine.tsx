import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { forget, type Kept, kept } from "../machine";
import css from "../account.module.css";

/** What this browser keeps of the pages, and the way to delete it. */
export function Machine() {
  const { t } = useTranslation("account");
  const { modal, message } = App.useApp();
  const [items, setItems] = useState(kept);

  async function ask() {
    const isSure = await modal.confirm({
      icon: null,
      title: t("machine.delete"),
      content: t("machine.deleteText"),
      okText: t("machine.deleteNow"),
      okButtonProps: { danger: true },
    });
    if (!isSure) return;
    forget();
    setItems(kept());
    void message.success(t("machine.done"));
  }

  return (
    <Card title={t("machine.title")}>
      {items.length ? (
        <dl className={css.facts}>
          {items.map((item) => (
            <div key={item.what}>
              <dt>{t(`machine.${item.what}`)}</dt>
              <dd>{textOf(item) ?? t("machine.count", { count: item.count })}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p className={css.quiet}>{t("machine.empty")}</p>
      )}
      <p className={css.hint}>{t("machine.hint")}</p>
      {items.length > 0 && (
        <Button size="small" onClick={() => void ask()}>
          {t("machine.delete")}
        </Button>
      )}
    </Card>
  );
}

function textOf({ what, text }: Kept): string | null {
  return what === "language" ? (text === "en" ? "English" : "中文") : text;
}
