import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { stamp } from "@/shared/days";
import { Sheet } from "@/shared/Sheet";
import { QueryView } from "@/shared/StateView";
import { toast } from "@/shared/toast";
import { useAct } from "@/shared/useAct";
import { usePages } from "@/shared/usePages";
import { Bar, Block, Code, EnumFilter, Facts, State } from "../../parts";
import css from "../../admin.module.css";

type Delivery = Schemas["DeliverySummary"];

/** What was sent, or of one endpoint what was sent to it; a row opens the attempts. */
export function Deliveries({ endpointId, onOpen }: { endpointId?: string; onOpen: (id: string) => void }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const [state, setState] = useState<Delivery["state"] | null>(endpointId ? null : "failed");
  const pages = usePages<Delivery, Schemas["Page_DeliverySummary_"]>(
    ["deliveries", endpointId, state],
    async (asked) => {
      const { data } = endpointId
        ? await api.GET("/api/v1/webhook-endpoints/{endpoint_id}/deliveries", {
            params: { path: { endpoint_id: endpointId }, query: { ...asked, ...(state && { state }) } },
          })
        : await api.GET("/api/v1/webhook-deliveries", {
            params: { query: { ...asked, state: (state ?? "failed") as "failed" | "pending" | "withheld" } },
          });
      return data!;
    },
    20,
  );
  return (
    <>
      <Bar>
        <EnumFilter
          of="DeliveryState"
          only={endpointId ? undefined : ["failed", "pending", "withheld"]}
          label={t("endpoints.state")}
          value={state ?? undefined}
          onChange={(next) => setState((next as Delivery["state"]) ?? (endpointId ? null : "failed"))}
        />
      </Bar>
      <QueryView query={pages.query}>
        {() =>
          pages.rows.length ? (
            <>
              <ul className={css.lines}>
                {pages.rows.map((row) => (
                  <li key={row.id}>
                    <span>
                      {row.type}
                      <small>
                        {[!endpointId && row.endpoint_name, stamp(row.created_at), t("endpoints.attempts", { count: row.attempts })].filter(Boolean).join(" · ")}
                      </small>
                    </span>
                    <State tone={row.state === "delivered" ? "ok" : row.state === "failed" ? "bad" : "soon"}>{said(label("DeliveryState", row.state))}</State>
                    <Button size="small" onClick={() => onOpen(row.id)}>
                      {t("common:view")}
                    </Button>
                  </li>
                ))}
              </ul>
              {pages.query.hasNextPage && (
                <Button size="small" loading={pages.query.isFetchingNextPage} onClick={pages.onEnd}>
                  {t("more")}
                </Button>
              )}
            </>
          ) : (
            <p className={css.quiet}>{t("endpoints.noDelivery")}</p>
          )
        }
      </QueryView>
    </>
  );
}

/** One message with the attempts to deliver it. */
export function DeliverySheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const found = useQuery({
    ...queries.queryOptions("get", "/api/v1/webhook-deliveries/{delivery_id}", { params: { path: { delivery_id: id } } }),
    // What is on its way settles by itself.
    refetchInterval: ({ state }) => (state.data?.state === "pending" ? 2_000 : false),
  });
  const again = useAct<undefined, Schemas["DeliveryRead"]>({
    act: (_, { headers }) => api.POST("/api/v1/webhook-deliveries/{delivery_id}/redelivery", { params: { path: { delivery_id: id } }, headers }),
    onDone: () => toast(t("endpoints.queued")),
  });
  return (
    <Sheet
      open
      title={found.data?.type ?? t("endpoints.deliveries")}
      onClose={onClose}
      width={560}
      foot={
        <Button type="primary" loading={again.isPending} onClick={() => again.mutate(undefined)}>
          {t("endpoints.redeliver")}
        </Button>
      }
    >
      <QueryView query={found}>
        {(one) => (
          <>
            <Facts
              rows={[
                [t("endpoints.state"), said(label("DeliveryState", one.state))],
                [t("endpoints.name"), one.endpoint_name],
                [t("endpoints.at"), stamp(one.created_at)],
                one.next_at && [t("endpoints.next"), stamp(one.next_at)],
                [t("inbox.messageId"), one.message_id],
              ]}
            />
            <Block title={t("endpoints.made")}>
              {one.made.length ? (
                <ul className={css.lines}>
                  {one.made.map((attempt) => (
                    <li key={attempt.at}>
                      <span>
                        {attempt.status ?? (attempt.error && said(label("NotSent", attempt.error)))}
                        <small>{attempt.answer}</small>
                      </span>
                      <small>
                        {stamp(attempt.at)} · {attempt.milliseconds} ms
                      </small>
                    </li>
                  ))}
                </ul>
              ) : (
                <p className={css.quiet}>{t("endpoints.noAttempt")}</p>
              )}
            </Block>
            {one.body && (
              <Block title={t("inbox.body")}>
                <Code>{one.body}</Code>
              </Block>
            )}
          </>
        )}
      </QueryView>
    </Sheet>
  );
}
