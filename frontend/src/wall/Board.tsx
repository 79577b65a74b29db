import type { CSSProperties, ReactNode } from "react";
import type { Schemas } from "@/api/calls";
import { fen, type Scale, scaleOf, share, shown, sum, unitOf } from "@/shared/money";
import type { Language, Texts } from "./texts";
import css from "./wall.module.css";

type Wall = Schemas["Wall"];
type Group = Schemas["WallGroup"];

interface Props {
  wall: Wall;
  texts: Texts;
  language: Language;
}

/** How many rows of a ranking have room; the others are told as one. */
const ROWS = 8;

/** The figures, in the three rows of the screen. */
export function Board({ wall, texts, language }: Props) {
  return (
    <main className={css.board}>
      <Signings wall={wall} texts={texts} language={language} />
      <div className={css.figures}>
        <Figure title={texts.collective} texts={texts} sum={wall.collective_start} caliber={said(wall.collective_start.caliber, language)}>
          <TwoParts
            total={wall.collective_start.count}
            first={[texts.from1Yi, wall.collective_start.from_1_yi.count]}
            second={[texts.below, wall.collective_start.count - wall.collective_start.from_1_yi.count]}
          />
        </Figure>
        <Figure title={texts.started} texts={texts} sum={wall.started_or_resumed} caliber={said(wall.started_or_resumed.caliber, language)}>
          <TwoParts
            total={wall.started_or_resumed.count}
            first={[texts.new, wall.started_or_resumed.new.count]}
            second={[texts.resumed, wall.started_or_resumed.resumed.count]}
          />
        </Figure>
        <Figure
          title={texts.planned}
          texts={texts}
          sum={wall.planned_year}
          caliber={said(wall.planned_year.caliber, language)}
          more={
            <>
              {" · "}
              {texts.thisYear} <b>{amountOf(wall.planned_year.planned_this_year)}</b>
              {/* In the unit of the figure above it, unless it is smaller. */}
              {unitOf(fen(wall.planned_year.planned_this_year)) === "wan" && ` ${texts.wan}`}
            </>
          }
        >
          <TwoParts
            total={wall.planned_year.count}
            first={[texts.begun, wall.planned_year.started.count]}
            second={[texts.notBegun, wall.planned_year.count - wall.planned_year.started.count]}
          />
        </Figure>
      </div>
      <Trend wall={wall} texts={texts} />
      <Ranking title={texts.units} none={texts.noUnit} groups={wall.signings.units} texts={texts} language={language} isLeading />
      <Ranking title={texts.forces} none={texts.noForce} groups={wall.signings.task_forces} texts={texts} language={language} />
      <Chain wall={wall} texts={texts} language={language} />
      <Attention wall={wall} texts={texts} />
    </main>
  );
}

function amountOf(yuan: string): string {
  const amount = fen(yuan);
  const unit = unitOf(amount);
  return shown(amount, unit, unit === "yi" ? 1 : 0);
}

function unitText(yuan: string, texts: Texts): string {
  return unitOf(fen(yuan)) === "yi" ? texts.yi : texts.wan;
}

function scaleText({ unit }: Scale, texts: Texts): string {
  return unit === "yi" ? texts.yi : texts.wan;
}

/** Returns the name of a project; a made-up one says so, also where its name does not. */
function markedName(name: string, isIllustrative: boolean, texts: Texts): string {
  return !isIllustrative || /^(示例|Sample)/.test(name) ? name : `${texts.mark}${name}`;
}

function said(words: { zh: string; en: string }, language: Language): string {
  return language === "en" ? words.en : words.zh;
}

const number = (value: number) => value.toLocaleString("en");

function Card({ title, note, className, children }: { title: ReactNode; note?: ReactNode; className?: string; children: ReactNode }) {
  return (
    <section className={`${css.card} ${className ?? ""}`}>
      <h2>
        {title} {note && <small>{note}</small>}
      </h2>
      {children}
    </section>
  );
}

function Signings({ wall, texts, language }: Props) {
  const { signings } = wall;
  const largest = signings.largest[0];
  const parts = [...signings.largest.map((part) => part.amount), ...(signings.rest.count ? [signings.rest.amount] : [])];
  const others = signings.count - (largest?.count ?? 0);
  const rest = fen(signings.amount) - fen(largest?.amount ?? "0");
  const unit = unitOf(rest);
  return (
    <Card title={<span title={said(signings.caliber, language)}>{texts.signings}</span>} className={css.signings}>
      <div className={css.first}>
        <p className={css.huge}>
          {amountOf(signings.amount)}
          <small>{unitText(signings.amount, texts)}</small>
        </p>
        <ul className={css.counts}>
          <li>
            <b>{number(signings.count)}</b> {texts.signed}
          </li>
          <li>
            <b>{number(signings.same_quarter_landed)}</b> {texts.landed}
          </li>
        </ul>
      </div>
      <div className={css.bar} aria-hidden="true">
        {parts.map((amount, index) => (
          <i key={index} className={index ? css.weak : css.strong} style={{ flexGrow: Math.max(share(fen(amount), fen(signings.amount)), 0.4) }} />
        ))}
      </div>
      {largest && (
        <p className={css.legend}>
          <span className={css.named}>
            <i className={css.strong} />
            <span className={css.name}>{largest.name === null ? texts.hidden : markedName(largest.name, largest.is_illustrative, texts)}</span> <b>{amountOf(largest.amount)}</b> {unitText(largest.amount, texts)}
          </span>
          {others > 0 && (
            <span>
              <i className={css.weak} />
              {texts.rest(others)} <b>{shown(rest, unit, unit === "yi" ? 1 : 0)}</b> {unit === "yi" ? texts.yi : texts.wan}
            </span>
          )}
        </p>
      )}
    </Card>
  );
}

interface FigureProps {
  title: string;
  texts: Texts;
  sum: { count: number; amount: string };
  caliber: string;
  more?: ReactNode;
  children: ReactNode;
}

function Figure({ title, texts, sum: { count, amount }, caliber, more, children }: FigureProps) {
  return (
    <Card title={<span title={caliber}>{title}</span>}>
      <p className={css.large}>
        {amountOf(amount)}
        <small>{unitText(amount, texts)}</small>
      </p>
      <p className={css.note}>
        <b>{number(count)}</b> {texts.projects}
        {more}
      </p>
      {children}
    </Card>
  );
}

type NamedCount = readonly [name: string, count: number];

function TwoParts({ total, first, second }: { total: number; first: NamedCount; second: NamedCount }) {
  return (
    <>
      <div className={`${css.bar} ${css.thin}`} aria-hidden="true">
        {total > 0 && (
          <>
            <i className={css.strong} style={{ flexGrow: first[1] }} />
            <i className={css.weak} style={{ flexGrow: second[1] }} />
          </>
        )}
      </div>
      <p className={css.legend}>
        {[first, second].map(([name, count], index) => (
          <span key={name}>
            <i className={index ? css.weak : css.strong} />
            {name} <b>{number(count)}</b>
          </span>
        ))}
      </p>
    </>
  );
}

/** Returns the lines of an axis from 0: four steps of 1, 2 or 5 times a power of ten that hold the largest amount. */
export function stepsOf(largest: number): number[] {
  const raw = largest / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one * 4 >= largest) ?? 10 * power;
  return [0, 1, 2, 3, 4].map((one) => one * step);
}

function Trend({ wall, texts }: { wall: Wall; texts: Texts }) {
  const months = wall.signings.trend;
  const scale = scaleOf(months.filter((month) => month.is_in_period).map((month) => fen(month.amount)));
  // A drawing has no use for more than four digits, so the height of a column may be a Number.
  const size = scale.unit === "yi" ? 10_000_000_000n : 1_000_000n;
  const heights = months.map((month) => Number((fen(month.amount) * 1000n) / size) / 1000);
  const lines = stepsOf(Math.max(...heights, 0));
  const top = lines.at(-1)!;
  const said = months.map((month) => `${month.month} ${amountOf(month.amount)} ${unitText(month.amount, texts)}`).join(", ");
  return (
    <Card title={texts.trend} note={scaleText(scale, texts)} className={css.trend}>
      <div className={css.chart} role="img" aria-label={said}>
        {lines.map((line) => (
          <i key={line} className={css.line} style={{ "--at": line / top } as CSSProperties}>
            <span>{number(line)}</span>
          </i>
        ))}
        <ol>
          {months.map((month, index) => (
            <li key={month.month} className={month.is_in_period ? css.current : css.before}>
              <div>
                <i style={{ height: `${(Math.max(heights[index]!, 0) / top) * 100}%` }}>
                  {month.is_in_period && <b>{shown(fen(month.amount), scale.unit, scale.unit === "yi" ? 1 : 0)}</b>}
                </i>
              </div>
              <span>
                {texts.monthAxis(Number(month.month.slice(5)))}
                {(index === 0 || month.month.endsWith("-01")) && <small>{month.month.slice(0, 4)}</small>}
              </span>
            </li>
          ))}
        </ol>
      </div>
    </Card>
  );
}

interface RankingProps {
  title: string;
  /** What the group without a value is called. */
  none: string;
  groups: readonly Group[];
  texts: Texts;
  language: Language;
  /** Whether its first row is in the strong colour. */
  isLeading?: boolean;
}

function Ranking({ title, none, groups, texts, language, isLeading = false }: RankingProps) {
  const named = groups.filter((group) => !group.is_none).sort((a, b) => (fen(b.amount) > fen(a.amount) ? 1 : -1));
  const without = groups.filter((group) => group.is_none);
  const room = ROWS - without.length;
  const isCut = named.length > room;
  const rows = named.slice(0, isCut ? room - 1 : room);
  const others = named.slice(rows.length);
  const scale = scaleOf(groups.map((group) => fen(group.amount)));
  const most = groups.reduce((largest, group) => (fen(group.amount) > largest ? fen(group.amount) : largest), 0n);
  const row = (key: string, name: string, title: string, amount: bigint, count: number, look?: string) => (
    <li key={key}>
      <span className={css.name} title={title}>
        {name}
      </span>
      <span className={css.track} aria-hidden="true">
        <i className={look} style={{ width: `${share(amount, most)}%` }} />
      </span>
      <b>{shown(amount, scale.unit, scale.decimals)}</b>
      <small>{texts.ranked(number(count))}</small>
    </li>
  );
  const nameOf = (group: Group) => (language === "en" ? group.en : (group.short_name ?? group.zh));
  return (
    <Card title={title} note={texts.amount(scaleText(scale, texts))}>
      <ol className={css.ranking}>
        {rows.map((group, index) =>
          row(group.zh, nameOf(group), language === "en" ? group.en : group.zh, fen(group.amount), group.count, isLeading && !index ? css.leading : undefined),
        )}
        {isCut &&
          row(
            "others",
            texts.others(others.length),
            others.map(nameOf).join(", "),
            sum(others.map((group) => group.amount)),
            others.reduce((total, group) => total + group.count, 0),
          )}
        {without.map((group) => row("none", none, none, fen(group.amount), group.count, css.hatched))}
      </ol>
    </Card>
  );
}

function Chain({ wall, texts, language }: Props) {
  return (
    <Card title={texts.chain} note={texts.chainNote} className={css.chain}>
      <ol>
        {wall.stages.map((stage) => (
          <li key={stage.name_en} className={stage.count ? undefined : css.none}>
            <span className={css.name} title={language === "en" ? stage.name_en : stage.name_zh}>
              {language === "en" ? stage.name_en : stage.name_zh}
            </span>
            <b>{number(stage.count)}</b>
            <small>
              {stage.count ? `${amountOf(stage.amount)} ${unitOf(fen(stage.amount)) === "yi" ? texts.yiShort : texts.wanShort}` : "—"}
            </small>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Attention({ wall, texts }: { wall: Wall; texts: Texts }) {
  const lines = [
    [texts.overdue, wall.attention.overdue, css.danger],
    [texts.gaps, wall.attention.gaps, css.warn],
    [texts.unanswered, wall.attention.unanswered, css.warn],
  ] as const;
  return (
    <Card title={texts.attention} className={css.attention}>
      <ul>
        {lines.map(([name, count, tone]) => (
          <li key={name}>
            <b className={count ? tone : css.ok}>{number(count)}</b>
            <span>{name}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
