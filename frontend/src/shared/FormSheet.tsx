/** A form beside the page, which sends one act: refusals stand at their fields, what is typed outlives a reload. */
import { Button, Form, type FormProps, Modal } from "antd";
import { CircleAlert, RotateCcw } from "lucide-react";
import { type ReactNode, useEffect, useId, useState } from "react";
import type { Problem } from "@/api/problems";
import { useIsPhone } from "@/app/phone";
import { drafts } from "@/app/session";
import { useTranslation } from "@/i18n";
import { atFields, release } from "./forms/refusals";
import { Sheet } from "./Sheet";
import type { Mine } from "./StaleDialog";
import { type Sent, useAct } from "./useAct";
import { keepDraft } from "./useDraft";
import css from "./form.module.css";

interface Props<Values extends object, Answer> {
  title: ReactNode;
  /** What the act does, above the fields. */
  note?: ReactNode;
  initial?: Partial<Values>;
  /** The name under which what is typed is kept on this machine. None for passwords, codes, secrets, contact fields. */
  draft?: string;
  /** The version that was read, for acts on one record. The one at hand when the form is opened is sent. */
  version?: number;
  act: (values: Values, sent: Sent) => Promise<{ data?: Answer }>;
  onDone?: (answer: Answer, values: Values) => void;
  onClose: () => void;
  onValuesChange?: FormProps<Values>["onValuesChange"];
  submit: string;
  isDanger?: boolean;
  /** Nothing can be sent yet, such as before a dry run allows it. */
  isBlocked?: boolean;
  /** What a refusal asks for besides its text, such as a field that was not shown before. */
  onRefused?: (problem: Problem) => ReactNode;
  /** A short form stands in the middle of the page. */
  isShort?: boolean;
  width?: number;
  children?: ReactNode | ((values: Partial<Values>) => ReactNode);
}

/** Shown where it is rendered; closing is of the caller. */
export function FormSheet<Values extends object, Answer>(props: Props<Values, Answer>) {
  const { t } = useTranslation("act");
  const isPhone = useIsPhone();
  const id = useId();
  const [form] = Form.useForm<Values>();
  const [refusal, setRefusal] = useState<{ text: string | null; more: ReactNode } | null>(null);
  const [kept, setKept] = useState(() => (props.draft ? (drafts.read(props.draft) as Partial<Values> | null) : null));
  const [initial] = useState<Partial<Values>>(props.initial ?? {});
  const [values, setValues] = useState<Partial<Values>>({ ...initial, ...kept });
  const [read, setRead] = useState(props.version ?? 0);
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    },
    [before],
  );

  const act = useAct<Values, Answer>({
    act: props.act,
    version: () => read,
    mine: (sent) => sent as Mine,
    onSeen: setRead,
    onDone: (answer, sent) => {
      if (props.draft) drafts.drop(props.draft);
      props.onClose();
      props.onDone?.(answer, sent);
    },
    onRefused: (problem) => {
      setRefusal({ text: atFields(form, problem), more: props.onRefused?.(problem) });
      return true;
    },
  });

  const dropDraft = () => {
    if (props.draft) drafts.drop(props.draft);
    setKept(null);
    form.resetFields();
    form.setFieldsValue(initial as never);
    setValues(initial);
  };

  const content = (
    <Form<Values>
      id={id}
      form={form}
      layout="vertical"
      initialValues={{ ...initial, ...kept }}
      onValuesChange={(changed, all) => {
        release(form, changed);
        if (props.draft) keepDraft(props.draft, all, initial);
        setValues(all);
        props.onValuesChange?.(changed, all);
      }}
      onFinish={(all) => {
        setRefusal(null);
        act.mutate(all);
      }}
      scrollToFirstError
    >
      {props.note && <p className={css.note}>{props.note}</p>}
      {kept && (
        <p className={css.kept}>
          <RotateCcw size={13} strokeWidth={1.75} aria-hidden="true" />
          {t("restored")}
          <button type="button" onClick={dropDraft}>
            {t("drop")}
          </button>
        </p>
      )}
      {typeof props.children === "function" ? props.children(values) : props.children}
      <div role="alert">
        {refusal?.text && (
          <p className={css.refusal}>
            <CircleAlert size={15} strokeWidth={1.75} aria-hidden="true" />
            {refusal.text}
          </p>
        )}
        {refusal?.more}
      </div>
    </Form>
  );
  const buttons = (
    <div className={css.buttons}>
      <Button onClick={props.onClose} size={isPhone ? "large" : "middle"}>
        {t("common:cancel")}
      </Button>
      <Button
        type="primary"
        htmlType="submit"
        form={id}
        danger={props.isDanger}
        disabled={props.isBlocked}
        loading={act.isPending}
        size={isPhone ? "large" : "middle"}
      >
        {props.submit}
      </Button>
    </div>
  );
  if (props.isShort && !isPhone) {
    return (
      <Modal open title={props.title} onCancel={props.onClose} footer={buttons} width={props.width ?? 440} mask={{ closable: false }}>
        {content}
      </Modal>
    );
  }
  return (
    <Sheet open title={props.title} onClose={props.onClose} foot={buttons} width={props.width}>
      {content}
    </Sheet>
  );
}
