import type { ThemeConfig } from "antd";

const face = '"Inter","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif';

/** The design's tokens for Ant Design. The same values stand in `shared/tokens.css` for everything else. */
export const theme: ThemeConfig = {
  token: {
    colorPrimary: "#0E5C75",
    colorInfo: "#0E5C75",
    colorError: "#B3311D",
    colorWarning: "#8A5500",
    colorSuccess: "#2B6844",
    colorLink: "#0E5C75",
    colorBgLayout: "#F6F5F1",
    colorBorder: "#D3CFC5",
    colorBorderSecondary: "#E5E2DA",
    colorText: "#1B1E22",
    colorTextSecondary: "#484D54",
    colorTextTertiary: "#666B73",
    colorTextPlaceholder: "#666B73",
    borderRadius: 4,
    borderRadiusLG: 8,
    controlHeight: 32,
    controlHeightSM: 26,
    controlHeightLG: 44,
    fontSize: 14,
    fontFamily: face,
    fontWeightStrong: 600,
    // Without motion nothing waits for its end.
    motion: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    motionDurationFast: "0.12s",
    motionDurationMid: "0.18s",
    motionDurationSlow: "0.18s",
    wireframe: false,
  },
  components: {
    Table: {
      headerBg: "#FAF9F6",
      headerColor: "#666B73",
      headerSplitColor: "transparent",
      cellFontSizeSM: 13,
      cellPaddingBlockSM: 5,
      rowHoverBg: "#FAF9F6",
      rowSelectedBg: "#F0F6F8",
      rowSelectedHoverBg: "#F0F6F8",
      borderColor: "#F1EFE9",
    },
    Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", fontWeight: 400 },
    Segmented: { trackBg: "#ECEAE3", itemSelectedBg: "#FFFFFF" },
    Modal: { borderRadiusLG: 12 },
    Form: { itemMarginBottom: 14, labelColor: "#484D54", labelFontSize: 13, verticalLabelPadding: "0 0 4px" },
  },
};

/** On a phone everything is worked with a thumb. */
export const phoneTheme: ThemeConfig = {
  ...theme,
  token: { ...theme.token, controlHeight: 44, controlHeightSM: 36, controlInteractiveSize: 18 },
};

/** Where a bar of series is drawn by ECharts, which takes no variables of CSS. */
export const series = { current: "#0E5C75", before: "#A9C6D0", grid: "#EFEDE6", text: "#666B73", face };
