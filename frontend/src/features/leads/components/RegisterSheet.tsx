import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button, Form, Input } from "antd";
import { ChevronDown, ChevronUp, CircleCheck, FileClock } from "lucide-react";
import { useEffect, useState } from "react";
import { api, type Schemas } from "@/api/client";
import { fieldErrors, type Problem } from "@/api/problems";
import { useMe } from "@/app/who";
import { useTranslation } from "@/i18n";
import { plainName } from "@/shared/RecordName";
import { release, showAtFields } from "@/shared/forms/refusals";
import { bothEnds } from "@/shared/money";
import { useDraft } from "@/shared/useDraft";
import { Sheet } from "@/shared/Sheet";
import { toast } from "@/shared/toast";
import { useAct } from "@/shared/useAct";
import { useDebounced } from "@/shared/useDebounced";
import { filled, type LeadValues, MainFields, MoreFields, NameField } from "./fields";
import { Candidates, useSimilar } from "./Similar";
import css from "./form.module.css";

type Body = Schemas["LeadCreate"];
type Registered = Schemas["LeadRegistered"];

function bodyOf({ investor, ...values }: LeadValues): Body {
  return filled({ ...bothEnds(values), investor_id: investor?.id, investor_name: investor?.id ? undefined : investor?.name });
}

/** Asks what the registration would be refused or warned for, once enough is filled in to judge by. */
function useCheck(values: LeadValues | undefined) {
  const asked = useDebounced(
    JSON.stringify(
      filled({
        name: values?.name?.trim(),
        investor_id: values?.investor?.id,
        industry_code: values?.industry_code,
        ...bothEnds({ estimate_from: values?.estimate_from, estimate_to: values?.estimate_to }),
      }),
    ),
    700,
  );
  const body = JSON.parse(asked) as Schemas["DuplicateCheck"];
  return useQuery({
    queryKey: ["duplicates", "check", asked],
    queryFn: async ({ signal }) => (await api.POST("/api/v1/duplicates/check", { body, signal })).data!,
    // A name alone is compared as it is typed; this judges by all that is filled in.
    enabled: Boolean(body.name && Object.keys(body).length > 1),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
}

export function RegisterSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("leads");
  const navigate = useNavigate();
  const me = useMe();
  const [form] = Form.useForm<LeadValues>();
  const start = { program: "promotion", confidentiality: "internal", first_unit_id: me.unit?.id } as LeadValues;
  const [kept, keep, drop, isKept] = useDraft<LeadValues>("lead", start);
  const [isMore, setIsMore] = useState(false);
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const [done, setDone] = useState<Registered | null>(null);
  const values = Form.useWatch([], form) as LeadValues | undefined;
  const similar = useSimilar(values?.name ?? "", values?.investor?.id ?? null);
  const check = useCheck(values);

  const register = useAct<Body, Registered>({
    act: (body, { headers }) => api.POST("/api/v1/leads", { body, headers }),
    onDone: (lead) => {
      drop();
      setRefusal(null);
      if (lead.warnings.length || lead.investor_taken) return setDone(lead);
      toast(t("registered", { code: lead.code }), {
        text: t("openLead"),
        run: () => void navigate({ to: "/leads/$leadId", params: { leadId: lead.id } }),
      });
      onClose();
    },
    onRefused: (problem) => {
      if (problem.document.candidates?.length) {
        setRefusal(problem);
        return true;
      }
      const names = Object.keys(fieldErrors(problem));
      if (names.some((name) => document.getElementById(name)?.closest("[hidden]"))) setIsMore(true);
      return showAtFields(form, problem);
    },
  });

  const candidates = (refusal?.document.candidates ?? []) as Schemas["Candidate"][];
  const isTwin = refusal?.document.errors?.some((error) => error.code === "ambiguous_name");
  const mayRule = me.permissions.some((one) => one.code === "rule_duplicates") || candidates.every((one) => one.is_in_scope);
  useEffect(() => {
    if (refusal) document.getElementById("refusal")?.scrollIntoView({ block: "center" });
  }, [refusal]);

  if (done) {
    return (
      <Sheet
        open
        title={t("register")}
        onClose={onClose}
        width={600}
        foot={
          <div className={css.foot}>
            <Button
              onClick={() => {
                form.resetFields();
                setDone(null);
              }}
            >
              {t("registerAnother")}
            </Button>
            <Button type="primary" onClick={() => void navigate({ to: "/leads/$leadId", params: { leadId: done.id } })}>
              {t("openLead")}
            </Button>
          </div>
        }
      >
        <div className={css.stack}>
          <p className={css.done}>
            <CircleCheck size={18} strokeWidth={1.75} aria-hidden="true" />
            {t("registered", { code: done.code })}
          </p>
          {done.investor_taken && (
            <p>
              {t(done.investor_taken.is_new ? "investorNew" : "investorTaken", {
                name: plainName(done.investor_taken.name),
                code: done.investor_taken.credit_code ?? t("common:notFilled"),
              })}
            </p>
          )}
          {done.warnings.length > 0 && <Candidates candidates={done.warnings} title={t("warned")} tone="warn" />}
        </div>
      </Sheet>
    );
  }

  return (
    <Sheet
      open
      title={t("register")}
      onClose={onClose}
      width={600}
      foot={
        <div className={css.foot}>
          <span className={css.hint}>{t("form.draftHint")}</span>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button type="primary" loading={register.isPending} onClick={() => form.submit()}>
            {t(refusal && mayRule && !isTwin ? "form.submitRuled" : "form.submit")}
          </Button>
        </div>
      }
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={kept}
        onValuesChange={(changed, all) => {
          release(form, changed);
          keep(all);
        }}
        onFinish={(all) => register.mutate(bodyOf(all))}
        onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && form.submit()}
      >
        {isKept && (
          <div className={css.draft}>
            <FileClock size={15} strokeWidth={1.75} aria-hidden="true" />
            {t("form.draft")}
            <Button
              type="link"
              size="small"
              onClick={() => {
                drop();
                const none = Object.fromEntries(Object.keys(form.getFieldsValue()).map((name) => [name, undefined]));
                form.setFieldsValue({ ...none, ...start } as never);
              }}
            >
              {t("form.dropDraft")}
            </Button>
          </div>
        )}
        <NameField autoFocus />
        {!refusal && similar.data && similar.data.length > 0 && !check.data?.candidates.length && (
          <div className={css.gap}>
            <Candidates candidates={similar.data} title={t("similar", { count: similar.data.length })} text={t("similarText")} tone="plain" />
          </div>
        )}
        {!refusal && Boolean(check.data?.candidates.length) && (
          <div className={css.gap}>
            <Candidates candidates={check.data!.candidates} title={t("wouldRefuse")} text={t("wouldRefuseText")} tone="warn" />
          </div>
        )}
        <MainFields isNew />
        <Button
          type="text"
          className={css.moreHead}
          icon={isMore ? <ChevronUp size={15} aria-hidden="true" /> : <ChevronDown size={15} aria-hidden="true" />}
          onClick={() => setIsMore(!isMore)}
          aria-expanded={isMore}
        >
          {t("form.more")}
        </Button>
        <div hidden={!isMore}>
          <MoreFields />
        </div>
        {refusal && (
          <div id="refusal" className={css.stack}>
            {isTwin ? (
              <Candidates
                candidates={refusal.document.candidates!.map((one) => ({ is_in_scope: true, zh: one.name ?? "", en: one.name ?? "" })) as Schemas["Candidate"][]}
                title={refusal.document.title}
                text={refusal.document.detail}
                tone="danger"
              />
            ) : (
              <Candidates candidates={candidates} title={refusal.document.title} text={t(mayRule ? "mayRule" : "mayNotRule")} tone="danger" />
            )}
            {mayRule && !isTwin && (
              <Form.Item name="duplicate_ruling" label={t("form.ruling")} extra={t("form.rulingExtra")}>
                <Input.TextArea autoSize={{ minRows: 2 }} autoFocus />
              </Form.Item>
            )}
          </div>
        )}
      </Form>
    </Sheet>
  );
}
