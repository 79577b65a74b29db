import { Button } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, type Schemas } from "@/api/client";
import { useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { SheetForm } from "@/shared/forms/SheetForm";
import { MiniTable, Nothing } from "@/shared/RecordPage";
import type { Enterprise } from "../api";

export function Rankings({ enterprise, mayAdd }: { enterprise: Enterprise; mayAdd: boolean }) {
  const { t } = useTranslation("enterprises");
  const today = useToday();
  const [isAdding, setIsAdding] = useState(false);
  return (
    <Card
      title={t("rankings")}
      extra={
        mayAdd && (
          <Button type="link" size="small" icon={<Plus size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setIsAdding(true)}>
            {t("addRanking")}
          </Button>
        )
      }
    >
      {enterprise.rankings.length ? (
        <MiniTable
          label={t("rankings")}
          head={[t("listName"), t("year"), t("rank"), t("source")]}
          rows={enterprise.rankings.map((one) => ({ key: one.id, cells: [one.list_name, one.year, <b key="rank">{one.rank}</b>, one.source ?? ""] }))}
        />
      ) : (
        <Nothing>{t("noRankings")}</Nothing>
      )}
      <SheetForm<Schemas["EnterpriseRead"]>
        open={isAdding}
        onClose={() => setIsAdding(false)}
        title={t("addRanking")}
        submit={t("addRanking")}
        draft={`ranking.${enterprise.id}`}
        initial={{ year: Number(today.slice(0, 4)) - 1 }}
        fields={[
          { kind: "text", name: "list_name", label: t("listName"), hint: t("listNameHint"), required: true },
          { kind: "number", name: "year", label: t("year"), required: true, min: 1949, max: 2199 },
          { kind: "number", name: "rank", label: t("rank"), required: true, min: 1, max: 1_000_000 },
          { kind: "text", name: "source", label: t("source") },
        ]}
        act={(values, _, { headers }) =>
          api.POST("/api/v1/enterprises/{enterprise_id}/rankings", {
            params: { path: { enterprise_id: enterprise.id } },
            body: values as unknown as Schemas["RankingCreate"],
            headers,
          })
        }
      />
    </Card>
  );
}
