import { Button } from "antd";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { usePageSearch } from "@/app/search";
import { useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import css from "../taskforces.module.css";

/** Returns the year of the address, by default the one at hand. */
export function useYear(): number {
  const [search] = usePageSearch();
  const today = useToday();
  return /^\d{4}$/.test(search.year ?? "") ? Number(search.year) : Number(today.slice(0, 4));
}

export function YearSwitch() {
  const { t } = useTranslation("taskforces");
  const [, setSearch] = usePageSearch();
  const today = useToday();
  const year = useYear();
  const go = (to: number) => setSearch({ year: to === Number(today.slice(0, 4)) ? null : to });
  return (
    <span className={css.year}>
      <Button type="text" aria-label={t("before")} icon={<ChevronLeft size={15} strokeWidth={1.75} aria-hidden="true" />} onClick={() => go(year - 1)} />
      <b>{t("year", { year })}</b>
      <Button type="text" aria-label={t("after")} icon={<ChevronRight size={15} strokeWidth={1.75} aria-hidden="true" />} onClick={() => go(year + 1)} />
    </span>
  );
}
