"""The readings of Chinese characters, by which a name is found as it is typed in pinyin.

A character that has several readings in the names of places, people and trades is found by each of them: what a
dictionary of phrases takes for the right one is wrong for phrases it does not know (长输 is not zhang shu).
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from pypinyin import lazy_pinyin

from app.core.pinyin import SURNAMES

_CHARACTERS = """
乐:le/yue/lao 乘:cheng/sheng 了:le/liao 亟:ji/qi 什:shen/shi 仇:chou/qiu 仔:zai/zi 会:hui/kuai 传:chuan/zhuan
伺:ci/si 伽:ga/jia/qie 佛:fu/fo 佴:er/nai 侗:dong/tong 便:bian/pian 俟:qi/si 俩:lia/liang 偻:lou/lv 六:liu/lu
刨:pao/bao 刹:sha/cha 削:xue/xiao 剥:bo/bao 剿:jiao/chao 劲:jin/jing 勒:lei/le 匙:shi/chi 匮:kui/gui 区:qu/ou
卒:zu/cu 单:dan/shan/chan 卜:bo/bu 卡:ka/qia 厦:xia/sha 参:can/shen/cen 叨:dao/tao 吁:xu/yu 吓:xia/he 吡:bi/pi
否:fou/pi 吭:keng/hang 呗:bei/bai 员:yuan/yun 呙:guo/wai 呢:ne/ni 呱:gu/gua 呷:ga/xia 咋:za/ze 和:he/huo
咱:zan/za 咳:ke/hai 咽:yan/ye 啜:chuai/chuo 喔:o/wo 喳:zha/cha 嗒:da/ta 嚓:ca/cha 嚼:jue/jiao 囤:dun/tun
圈:quan/juan 埔:pu/bu 堡:bao/bu/pu 塞:sai/se 壳:ke/qiao 奇:qi/ji 娜:na/nuo 宿:su/xiu 尉:wei/yu 尿:niao/sui
屏:ping/bing 差:cha/chai/ci 巷:xiang/hang 弄:nong/long 弟:di/ti 弹:dan/tan 强:qiang/jiang 徵:zheng/zhi 恶:e/wu
扁:bian/pian 扎:zha/za 扒:ba/pa 扛:kang/gang 折:zhe/she 抹:mo/ma 拓:tuo/ta 拗:ao/niu 择:ze/zhai 拶:za/zan
捋:lv/luo 掴:guai/guo 揭:jie/qi 擘:bai/bo 攒:zan/cuan 敦:dun/dui 曝:pu/bao 曾:ceng/zeng 朝:chao/zhao
朴:pu/piao/po 杓:biao/shao 枞:cong/zong 枸:gou/ju 柏:bai/bo 柚:you/zhou 柞:zha/zuo 查:cha/zha 栅:zha/shan
栎:li/yue 栖:qi/xi 校:xiao/jiao 核:he/hu 桔:ju/jie 椎:chui/zhui 槛:kan/jian 模:mo/mu 歙:she/xi 氏:shi/zhi
氓:mang/meng 汤:tang/shang 沓:da/ta 没:mei/mo 泊:po/bo 泷:long/shuang 洞:dong/tong 浒:hu/xu 浚:jun/xun
涡:wo/guo 渑:mian/sheng 溺:ni/niao 漯:luo/ta 潦:lao/liao 澄:cheng/deng 瀑:pu/bao 炔:gui/que 爪:zhao/zhua
牟:mou/mu 率:lv/shuai 琢:zuo/zhuo 畜:chu/xu 番:fan/pan 疟:nue/yao 的:de/di 盖:gai/ge 盛:sheng/cheng
着:zhe/zhuo/zhao 磅:bang/pang 禅:chan/shan 秘:mi/bi 称:cheng/chen 筠:yun/jun 粘:zhan/nian 粥:zhou/yu 糜:mi/mei
系:xi/ji 綮:qi/qing 纤:xian/qian 纶:lun/guan 给:gei/ji 绿:lv/lu 缉:ji/qi 缩:suo/su 缪:mou/miu 翟:di/zhai
耙:ba/pa 肋:le/lei 胖:pang/pan 胳:ge/ga 腌:yan/a 臭:chou/xiu 色:se/shai 艾:ai/yi 苣:ju/qu 茄:jia/qie
茜:qian/xi 荥:xing/ying 莘:shen/xin 莞:guan/wan 莨:lang/liang 莩:fu/piao 落:luo/lao/la 著:zhu/zhuo 蔓:man/wan
蔚:wei/yu 薄:bao/bo 藉:ji/jie 藏:cang/zang 蚌:bang/beng 蛇:she/yi 蛤:ha/ge 螫:shi/zhe 血:xue/xie 行:xing/hang
裨:bi/pi 裳:shang/chang 裼:ti/xi 褚:chu/zhu 觉:jue/jiao 角:jiao/jue 解:jie/xie/hai 诘:ji/jie 谁:shui/shei
调:diao/tiao 貉:hao/he 贾:jia/gu 蹊:qi/xi 轧:ya/zha/ga 辗:nian/zhan 辟:pi/bi 还:hai/huan 迫:po/pai 那:na/nuo
都:dou/du 酵:jiao/xiao 重:zhong/chong 钥:yao/yue 铅:qian/yan 铛:dang/cheng 铬:ge/luo 镉:ge/li 镐:gao/hao
长:zhang/chang 阏:e/yan 阿:a/e 陆:lu/liu 降:jiang/xiang 隗:kui/wei 雀:que/qiao 露:lu/lou 靓:jing/liang
颈:jing/geng 颤:chan/zhan 食:shi/si 骠:biao/piao 鹄:gu/hu 鹘:gu/hu 龈:ken/yin
"""
_SEVERAL = dict(entry.split(":") for entry in _CHARACTERS.split())
"""Characters of several readings, the usual one first: from the phrases that pypinyin knows (at least 1 % of those
with the character, and two), less what only classical words have, and readings that place names, chemistry and trades
use."""

_ALL = """
a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cei cen
ceng cha chai chan chang chao che chen cheng chi chong chou chu chuai chuan chuang chui chun chuo ci cong cou
cu cuan cui cun cuo da dai dan dang dao de den deng di dia dian diao die ding diu dong dou du duan dui dun duo
e ei en eng er fa fan fang fei fen feng fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua
guai guan guang gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji
jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke ken keng kong kou ku kua
kuai kuan kuang kui kun kuo la lai lan lang lao le lei leng li lia lian liang liao lie lin ling liu long lou
lu luan lue lun luo lv ma mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan
nang nao ne nei nen neng ni nia nian niang niao nie nin ning niu nong nou nu nuan nue nuo nv o ou pa pai pan
pang pao pei pen peng pi pia pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu
quan que qun ran rang rao re ren reng ri rong rou ru ruan rui run ruo sa sai san sang sao se sen seng sha shai
shan shang shao she shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan
sui sun suo ta tai tan tang tao te teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei
wen weng wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo
yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhen zheng zhi zhong
zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo
"""
SYLLABLES = frozenset(_ALL.split())
"""Every syllable, with v for ü, and ue for üe."""

_MOST_VARIANTS = 12
_TOKENS = re.compile(r"[a-z]+|[0-9]+|.")
_UE = {"lve": "lue", "nve": "nue"}


class Token(NamedTuple):
    """A part of a name: a syllable, or a run of Latin letters or of digits."""

    text: str
    is_syllable: bool


@cache
def readings_of(character: str) -> tuple[str, ...]:
    """Returns the readings of a simplified character, without tones, the usual one first; empty for any other."""
    if character.isascii():
        return ()
    if (several := _SEVERAL.get(character)) is not None:
        return tuple(several.split("/"))
    reading = lazy_pinyin(character)[0].replace("ü", "v")
    return (_UE.get(reading, reading),) if reading.isascii() and reading.isalpha() else ()


def _surname_readings(run: str) -> Iterator[tuple[int, str]]:
    """Yields the place of each character that is, or is part of, a surname, with its reading there."""
    for length in (2, 1):
        for at in range(len(run) - length + 1):
            for offset, reading in enumerate(SURNAMES.get(run[at : at + length], ())):
                yield at + offset, reading


def _choices(folded: str, *, is_person: bool) -> list[tuple[Token, ...]]:
    """Returns the parts of a folded name, each with its readings; signs are left out."""
    choices, surnames = list[tuple[Token, ...]](), dict[int, list[str]]()
    for at, reading in _surname_readings(folded) if is_person else ():
        surnames.setdefault(at, []).append(reading)
    for match in _TOKENS.finditer(folded):
        text = match.group()
        if text.isascii():
            if text.isalnum():
                choices.append((Token(text, False),))
        elif readings := dict.fromkeys((*surnames.get(match.start(), ()), *readings_of(text))):
            choices.append(tuple(Token(reading, True) for reading in readings))
    return choices


def _single_changes(choices: Sequence[tuple[Token, ...]]) -> Iterator[tuple[Token, ...]]:
    """Yields the usual reading of a name, then what differs from it in one character."""
    usual = tuple(options[0] for options in choices)
    yield usual
    for at, options in enumerate(choices):
        for other in options[1:]:
            yield (*usual[:at], other, *usual[at + 1 :])


@lru_cache(maxsize=4096)
def variants(folded: str, *, is_person: bool = False) -> tuple[tuple[Token, ...], ...]:
    """Returns the ways to read a folded name: all of them where they are few, else the usual one and those that differ
    from it in one character. Of people's names the readings of surnames come first."""
    choices = _choices(folded, is_person=is_person)
    count = 1
    for options in choices:
        count *= len(options)
    if not choices:
        return ()
    return tuple(product(*choices)) if count <= _MOST_VARIANTS else tuple(_single_changes(choices))
