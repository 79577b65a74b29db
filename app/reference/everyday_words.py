"""Everyday words for industries, by which they are found beside the names of GB/T 4754-2017.

Our default: a reading of the names of the standard, which has no such words. An industry that has no class of its own
in the table stands under its division.
"""

from typing import NamedTuple


class EverydayWord(NamedTuple):
    zh: str
    en: str
    codes: tuple[str, ...]


_TABLE = """
种植 farming: 01
大棚 greenhouse: 01
药材种植 medicinal herbs: 0171
林下经济 forest products: 02
养殖 livestock and fish farming: 03 04
屠宰 slaughter: 13
粮油 grain and oil: 13 1331
饲料 feed: 13
预制菜 ready meals: 14
乳制品 dairy: 14
调味品 seasoning: 14
白酒 baijiu liquor: 15
啤酒 beer: 15
葡萄酒 wine: 15
矿泉水 mineral water: 1522
茶叶 tea: 15
箱包 bags: 19
包装 packaging: 22 29
石化 petrochemicals: 25 2511 2614
煤化工 coal chemicals: 2521 2522 2523 2529
化工 chemicals: 26
精细化工 fine chemicals: 2661 2669
工业气体 industrial gases: 2619
聚碳酸酯 polycarbonate: 2651
工程塑料 engineering plastics: 2651
生物医药 biopharmaceuticals: 27
药品 drugs: 27
中药 Chinese medicine: 2730 2740
碳纤维 carbon fibre: 28 3091
石墨电极 graphite electrodes: 3091
新材料 new materials: 26 28 30 3985
水泥 cement: 30
混凝土 concrete: 30
玻璃 glass: 30
陶瓷 ceramics: 30
保温材料 insulation: 30 3024
钢铁 iron and steel: 31 3130
铝材 aluminium products: 3252
铸造 casting: 33
机床 machine tools: 34
机器人 robots: 34
轴承 bearings: 34
医疗器械 medical devices: 35
农机 farm machinery: 35
模具 moulds: 35
工程机械 construction machinery: 3514
环保设备 environmental equipment: 3591
新能源汽车 electric vehicles: 36 3670
汽车配件 car parts: 3670
无人机 drones: 37
轨道交通 rail transit: 37
新能源 new energy: 38 3825 4415 4416 4417
锂电池 lithium battery: 38
储能 energy storage: 38
充电桩 charging piles: 38
电机 electric motors: 38
电缆 cables: 38
家电 household appliances: 38
光伏 photovoltaics: 3825 4416
芯片 chips: 39
半导体 semiconductors: 39 3985
电子信息 electronics: 39
再生资源 recycling: 42 4210 4220
废旧轮胎 used tyres: 4220
电厂 power station: 44 4411
风电 wind power: 4415
太阳能 solar: 3825 4416
垃圾发电 energy from waste: 4417
供热 heating: 4430
天然气 natural gas: 07 45
自来水 tap water: 46
电商 e-commerce: 52 64
商场 shopping centre: 52
超市 supermarket: 52
物流 logistics: 54 59
冷链 cold chain: 5930
快递 express delivery: 60
酒店 hotel: 6110
直播 live streaming: 64
大数据 big data: 6450 6550
数据中心 data centre: 6450 6550
人工智能 artificial intelligence: 65
写字楼 offices: 7040
产业园 industrial park: 7221
研发 research and development: 73 7320
环保 environmental protection: 77 3591
危废 hazardous waste: 7724
旅游 tourism: 78 7861 7869 6110
文旅 culture and tourism: 78 88 90
景区 scenic area: 7861 7869
学校 school: 83
培训 training: 83
医院 hospital: 84
养老 elderly care: 85
康养 wellness: 84 85
影视 film and television: 87
滑雪 skiing: 8929 8930
"""
"""A word and its codes a line."""


def _read(line: str) -> EverydayWord:
    words, codes = line.split(": ")
    zh, en = words.split(" ", 1)
    return EverydayWord(zh, en, tuple(codes.split()))


EVERYDAY_WORDS = tuple(_read(line) for line in _TABLE.strip().splitlines())
