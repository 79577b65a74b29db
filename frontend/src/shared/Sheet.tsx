import { ConfigProvider, Drawer } from "antd";
import type { ReactNode } from "react";
import { useIsPhone } from "@/app/phone";

interface Props {
  open: boolean;
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  /** Stays at the bottom: the primary button and what beside it. */
  foot?: ReactNode;
  width?: number;
}

/** A drawer at the right; on a phone a sheet from below. Focus returns to where it was. */
export function Sheet({ open, title, onClose, children, foot, width = 480 }: Props) {
  const isPhone = useIsPhone();
  return (
    <ConfigProvider componentSize={isPhone ? "large" : undefined}>
      <Drawer
        open={open}
        title={title}
        onClose={onClose}
        footer={foot}
        placement={isPhone ? "bottom" : "right"}
        size={isPhone ? "auto" : width}
        destroyOnHidden
        styles={isPhone ? { section: { height: "auto", maxHeight: "85vh", borderRadius: "16px 16px 0 0" } } : undefined}
      >
        {children}
      </Drawer>
    </ConfigProvider>
  );
}
