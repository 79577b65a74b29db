import { Button } from "antd";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslation } from "@/i18n";
import css from "../plan.module.css";

export function YearSteps({ year, onChange }: { year: number; onChange: (year: number) => void }) {
  const { t } = useTranslation("plan");
  return (
    <div className={css.year}>
      <Button type="text" aria-label={t("before")} icon={<ChevronLeft size={16} strokeWidth={1.75} />} onClick={() => onChange(year - 1)} />
      <h2>{t("year", { year })}</h2>
      <Button type="text" aria-label={t("after")} icon={<ChevronRight size={16} strokeWidth={1.75} />} onClick={() => onChange(year + 1)} />
    </div>
  );
}
