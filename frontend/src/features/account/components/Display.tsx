import { useQueryClient } from "@tanstack/react-query";
import { Segmented } from "antd";
import { changeLanguage, type Language, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { type Density, useDensity } from "@/shared/density";
import css from "../account.module.css";

/** How the pages look to me: the language of this browser, and the height of rows wherever I sign in. */
export function Display() {
  const { t, language } = useTranslation("account");
  const client = useQueryClient();
  const { density, setDensity } = useDensity();
  return (
    <Card title={t("display.title")}>
      <div className={css.setting}>
        <span id="display-language">{t("display.language")}</span>
        <Segmented<Language>
          aria-labelledby="display-language"
          value={language === "en" ? "en" : "zh-CN"}
          options={[
            { value: "zh-CN", label: <span lang="zh-CN">中文</span> },
            { value: "en", label: <span lang="en">English</span> },
          ]}
          onChange={(language) => void changeLanguage(language).then(() => client.invalidateQueries())}
        />
      </div>
      <div className={css.setting}>
        <span id="display-density">{t("display.density")}</span>
        <Segmented<Density>
          aria-labelledby="display-density"
          value={density}
          options={(["compact", "comfortable"] as const).map((one) => ({ value: one, label: t(`display.${one}`) }))}
          onChange={setDensity}
        />
      </div>
      <p className={css.hint}>{t("display.hint")}</p>
    </Card>
  );
}
