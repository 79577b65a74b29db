import { api, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { SheetForm } from "@/shared/forms/SheetForm";
import { plainName } from "@/shared/RecordName";
import type { GapRow } from "../api";

/** Appoints the leader of a project that has none. */
export function AppointForm({ row, onClose }: { row: GapRow | null; onClose: () => void }) {
  const { t } = useTranslation("officials");
  const { labels } = useMeta();
  const today = useToday();
  if (!row) return null;
  return (
    <SheetForm<Schemas["LeaderRead"]>
      open
      isShort
      onClose={onClose}
      title={t("appointTitle", { name: plainName(row.name) })}
      submit={t("appoint")}
      fields={[
        { kind: "record", name: "official_id", label: t("leader"), record: "official", required: true },
        {
          kind: "choice",
          name: "capacities",
          label: t("capacities"),
          several: true,
          options: labels("Capacity").map((one) => ({ value: one.code, label: said(one) })),
        },
        { kind: "day", name: "opened_on", label: t("appointedOn"), required: true, max: today },
      ]}
      initial={{ opened_on: today }}
      act={({ official_id, capacities, opened_on }, _, { headers }) =>
        api.POST("/api/v1/projects/{project_id}/leaders", {
          params: { path: { project_id: row.id } },
          body: {
            official_id: official_id as string,
            opened_on: opened_on as string,
            ...(Array.isArray(capacities) && capacities.length > 0 && { capacities: capacities as Schemas["Capacity"][] }),
          },
          headers,
        })
      }
    />
  );
}
