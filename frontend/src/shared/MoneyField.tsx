/** An amount, typed in 亿元 or 万元, kept as the API writes it: a text of yuan, never a Number. What is no amount is handed on
 * as it was typed: handed on as nothing, it would take away the amount there was; the service says what is wrong. */
import { Input, Select, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "@/i18n";
import { exact, fen, isAmount, type MoneyUnit, typed, unitOf, yuanOf } from "./money";

interface Props {
  value?: string | null;
  onChange?: (yuan: string | null) => void;
  id?: string;
  label?: string;
  autoFocus?: boolean;
}

/** Returns an amount as it is typed over, or a text that is none as it is. */
function textOf(value: string | null | undefined, unit: MoneyUnit): string {
  return value && isAmount(value) ? exact(fen(value), unit) : (value ?? "");
}

const UNITS: readonly MoneyUnit[] = ["yi", "wan", "yuan"];

export function MoneyField({ value, onChange, id, label, autoFocus }: Props) {
  const { t, language } = useTranslation("common");
  const [unit, setUnit] = useState<MoneyUnit>(value && isAmount(value) ? unitOf(fen(value)) : "yi");
  const [text, setText] = useState(() => textOf(value, unit));
  const [known, setKnown] = useState(value ?? null);
  if ((value ?? null) !== known) {
    // Set from outside: a draft, a form that was emptied.
    setKnown(value ?? null);
    setText(textOf(value, unit));
  }
  const isWrong = text !== "" && typed(text, unit) === null;
  const tell = (nextText: string, nextUnit: MoneyUnit) => {
    const amount = typed(nextText, nextUnit);
    const next = amount === null ? nextText.trim() || null : yuanOf(amount);
    setKnown(next);
    onChange?.(next);
  };
  return (
    <Space.Compact block>
      <Input
        id={id}
        aria-label={label}
        aria-invalid={isWrong}
        status={isWrong ? "error" : undefined}
        inputMode="decimal"
        autoFocus={autoFocus}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          tell(event.target.value, unit);
        }}
      />
      <Select
        value={unit}
        aria-label={t("unit.choose")}
        style={{ width: language === "en" ? 132 : 84 }}
        options={UNITS.map((one) => ({ value: one, label: t(`unit.${one}`) }))}
        onChange={(next: MoneyUnit) => {
          setUnit(next);
          tell(text, next);
        }}
      />
    </Space.Compact>
  );
}
