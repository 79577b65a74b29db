import { App } from "antd";
import { useState } from "react";
import { api } from "@/api/client";
import { Problem } from "@/api/problems";
import type { Search } from "@/app/search";
import { useMeta, useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import { save } from "@/shared/download";

/** Columns of the table that are several columns of the export. */
const PARTS: Record<string, string[]> = {
  five_ones: ["five_ones.project", "five_ones.leader", "five_ones.team", "five_ones.plan", "five_ones.followed_through"],
  due_on: ["due_on", "is_overdue", "clock.days_left"],
};

/** Saves the rows of a filter as CSV, with the columns shown or with all of them. */
export function useExport(shown: readonly string[]) {
  const { t } = useTranslation("ledger");
  const { labels } = useMeta();
  const today = useToday();
  const { message } = App.useApp();
  const [isBusy, setIsBusy] = useState(false);

  async function run(conditions: Search, sort: string, isShownOnly: boolean): Promise<void> {
    const known = new Set(labels("ProjectColumn").map((one) => one.code));
    const columns = shown.flatMap((code) => PARTS[code] ?? [code]).filter((code) => known.has(code));
    setIsBusy(true);
    try {
      const query = { ...conditions, sort, ...(isShownOnly && { columns: columns.join() }) };
      const { data } = await api.GET("/api/v1/projects/export", { params: { query: query as never }, parseAs: "blob" });
      save(data as unknown as Blob, `${t("common:pages.ledger")} ${today}.csv`);
    } catch (error) {
      if (error instanceof Problem) void message.error(error.document.detail);
    } finally {
      setIsBusy(false);
    }
  }
  return { run, isBusy };
}
