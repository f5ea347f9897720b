"""The settings people change in the 设置 sheet: declared once, with default, check and help."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from workbook_templates.schema import Choice, Lang
from workbook_templates.tables.choices import AUDIT_CHECKS, COURIERS, RESERVE_AT, YES_NO, name_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: a choice, or a number within bounds."""

    name: str
    label_zh: str
    label_en: str
    zh: str
    en: str
    default: str  # as the engine calls it
    choices: tuple[Choice, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None

    def label(self, lang: Lang) -> str:
        """What people call it."""
        return self.label_zh if lang is Lang.ZH else self.label_en

    def title(self, lang: Lang) -> str:
        """What it governs."""
        return self.zh if lang is Lang.ZH else self.en

    def shown_default(self, lang: Lang) -> str:
        """The default as the sheet shows it."""
        for choice in self.choices:
            if choice.name == self.default:
                return choice.label(lang)
        return self.default

    def allowed(self, lang: Lang) -> str:
        """What may be typed."""
        if self.choices:
            return (" / ").join(choice.label(lang) for choice in self.choices)
        return f"{self.low} – {self.high}"

    def read(self, text: str) -> str | None:
        """The setting's value for what somebody typed; None if it will not do."""
        if self.choices:
            return name_of(self.choices, text)
        try:
            number = Decimal(text.strip())
        except InvalidOperation:
            return None
        if not number.is_finite() or (self.low is not None and number < self.low):
            return None
        return None if self.high is not None and number > self.high else str(number)


SHIP_WHEN = (
    Choice("mark", "打上发货标记时", "on a person's ship mark"),
    Choice("print", "面单生成时", "when the label is made"),
    Choice("check", "验货通过时", "when the parcel passed its check"),
)
SHIP_NEEDS = (
    Choice("none", "不用等", "nothing"),
    Choice("verify", "验货", "the check"),
    Choice("weigh", "称重", "the weight"),
    Choice("both", "验货和称重", "check and weight"),
)
VERIFY_MODE = (
    Choice("piece", "逐件扫", "each piece"),
    Choice("kind", "每种扫一次填件数", "each SKU with its count"),
    Choice("waybill", "只扫运单号", "the waybill only"),
)
REFUND_ASKED = (
    Choice("hold", "整单暂停", "hold the order"),
    Choice("rest", "其余照发", "ship the rest"),
)
RETURN_UNCOUNTED = (
    Choice("wait", "等人填", "wait"),
    Choice("good", "全算良品", "all are good"),
)
PAPER = (
    Choice("76x130", "76×130 一联", "76×130 single"),
    Choice("100x180", "100×180 二联", "100×180 double"),
)

OUT_OF_STOCK = (
    Choice("buy", "照常取单号", "buy the waybill"),
    Choice("wait", "等货", "wait for goods"),
)
REAUDIT = (
    Choice("rules", "按规则重审", "the rules decide again"),
    Choice("person", "转人工", "a person decides"),
)
MERGE_BUYER = (
    Choice("same", "同一买家才合", "same buyer only"),
    Choice("any", "不同买家也合", "any buyer"),
)

COSTING = (
    Choice("average", "移动加权平均", "moving average"),
    Choice("fifo", "先进先出", "first in first out"),
)
COST_SCOPE = (
    Choice("warehouse", "每个仓库分别算", "each warehouse by itself"),
    Choice("whole", "所有仓库合并算", "all warehouses as one"),
)

STANDARD = (
    Choice("small", "小企业会计准则", "small businesses"),
    Choice("business", "企业会计准则", "business enterprises"),
)
RECOGNISE = (
    Choice("settle", "交易成功结算时", "at settlement"),
    Choice("ship", "发货时", "at shipment"),
)
PAYER = (
    Choice("small", "小规模纳税人", "small-scale"),
    Choice("general", "一般纳税人", "general"),
)
VAT_CYCLE = (
    Choice("quarter", "按季", "quarterly"),
    Choice("month", "按月", "monthly"),
)

SETTINGS_LIST: tuple[Setting, ...] = (
    Setting(name="ship_when", label_zh="通知发货的时机", label_en="Tell Tmall when", zh="什么时候通知天猫发货", en="When Tmall is told that a parcel left", default="mark", choices=SHIP_WHEN),
    Setting(name="ship_needs", label_zh="通知发货前要", label_en="Tell Tmall only after", zh="包裹没验货(没称重)就不通知天猫发货,有发货标记也不通知", en="A parcel that was not checked (weighed) is not told to Tmall, ship mark or not", default="none", choices=SHIP_NEEDS),
    Setting(name="verify_mode", label_zh="验货方式", label_en="Check by", zh="“验货”表里怎么算扫全:每件都扫;每种扫一次,件数写成 编码*3;只扫运单号", en="When a parcel counts as scanned: each piece; each SKU once with its count, as CODE*3; the waybill only", default="piece", choices=VERIFY_MODE),
    Setting(name="verify_count_from", label_zh="逐件扫:几件起可填件数", label_en="Each piece: counts from", zh="逐件扫时,包裹里同一种有这么多件就可以写 编码*件数;0 为一律逐件", en="Where each piece is scanned: so many of one SKU in a parcel may be typed as CODE*count; 0: never", default="10", low=Decimal(0), high=Decimal(10000)),
    Setting(name="weigh_tolerance_g", label_zh="称重允许差(克)", label_en="Weight tolerance (g)", zh="称到的和商品重量加包材相差不超过多少克不报警(和下一项取大的)", en="Grams by which a parcel may differ from its goods and packing (the larger of this and the next)", default="100", low=Decimal(0), high=Decimal(100000)),
    Setting(name="weigh_tolerance_percent", label_zh="称重允许差(%)", label_en="Weight tolerance (%)", zh="相差不超过百分之几不报警", en="Percent by which it may differ", default="10", low=Decimal(0), high=Decimal(1000)),
    Setting(name="weigh_hold", label_zh="重量不对时先不发", label_en="Hold on a wrong weight", zh="重量报警的包裹,有人在“验货”选了“重量无误”才通知天猫发货", en="A parcel whose weight is off is told to Tmall only once somebody chose Weight is right", default="no", choices=YES_NO),
    Setting(name="auto_buy", label_zh="自动取单号", label_en="Buy waybills", zh="到时间就自动买电子面单单号", en="Buy waybills without being asked", default="yes", choices=YES_NO),
    Setting(name="auto_print", label_zh="自动生成面单", label_en="Make labels", zh="取到单号后自动生成面单、拣货单、发货单", en="Make labels and lists as soon as waybills are bought", default="yes", choices=YES_NO),
    Setting(name="wave_orders", label_zh="波次:最多几个包裹", label_en="Wave: parcels", zh="一个波次最多几个包裹", en="Parcels in one wave at most", default="200", low=Decimal(1), high=Decimal(2000)),
    Setting(name="wave_lines", label_zh="波次:最多几行", label_en="Wave: lines", zh="一个波次的包裹合起来最多几行货;0 为不限", en="Lines of goods in the parcels of a wave at most; 0: any", default="0", low=Decimal(0), high=Decimal(100000)),
    Setting(name="wave_weight", label_zh="波次:最重(kg)", label_en="Wave: heaviest (kg)", zh="一个波次合起来最重多少;0 为不限", en="Kilograms a wave may weigh; 0: any", default="0", low=Decimal(0), high=Decimal(100000)),
    Setting(name="wave_hot", label_zh="波次:爆款几单起", label_en="Wave: hot from", zh="内容一样的包裹有这么多就单独成波次;0 为不分", en="So many parcels of the same content are a wave of their own; 0: never", default="10", low=Decimal(0), high=Decimal(100000)),
    Setting(name="wave_courier", label_zh="波次:按快递分", label_en="Wave: by courier", zh="不同快递的包裹分成不同波次", en="Parcels of different couriers are in different waves", default="yes", choices=YES_NO),
    Setting(name="buffer_minutes", label_zh="付款后等待(分钟)", label_en="Wait after payment (min)", zh="付款后等几分钟再取单号(买家可能改地址、退款)", en="Minutes to wait after payment before a waybill is bought", default="10", low=Decimal(0), high=Decimal(2880)),
    Setting(name="refund_asked", label_zh="部分退款时", label_en="Refund of one line", zh="买家对其中一行申请退款时", en="When a refund is asked for one line of an order", default="hold", choices=REFUND_ASKED),
    Setting(name="return_uncounted", label_zh="退货没填件数时", label_en="Returns not counted", zh="“退货登记”扫了码、没填良品次品时", en="When a return was scanned and nobody typed how many pieces are good", default="wait", choices=RETURN_UNCOUNTED),
    Setting(name="return_days", label_zh="退了钱几天没收到货", label_en="Refunded, not returned (days)", zh="退货退款成功后几天还没登记收货就列入待处理;0 为不提醒", en="Days after a refund with return until missing goods are told; 0: never", default="3", low=Decimal(0), high=Decimal(180)),
    Setting(name="answer_refunds", label_zh="答复退款", label_en="Answer refunds", zh="把“售后”表里选的同意、拒绝发给天猫;要用子账号授权,金额大时天猫要短信验证码,那几笔到千牛处理", en="Send the answers chosen in After-sale to Tmall; needs a sub-account's session; for larger amounts Tmall wants a code by SMS: those are settled there", default="no", choices=YES_NO),
    Setting(name="return_address", label_zh="退货地址编号", label_en="Return address id", zh="同意退货时给买家的地址在天猫地址库里的编号;0 为没有,退货就到千牛同意", en="Number of the address in Tmall's address book that returns go to; 0: none, returns are agreed to at Tmall", default="0", low=Decimal(0), high=Decimal(10**18)),
    Setting(name="confirm_returns", label_zh="收货后退款", label_en="Refund after return", zh="退货登记收齐后选同意,也发给天猫退款;官方文档没写明这一步用哪个接口,先拿一笔试", en="Send an agreement also for returns that were counted in; the official documents do not say which call this step takes: try one first", default="no", choices=YES_NO),
    Setting(name="track_parcels", label_zh="跟踪物流", label_en="Track parcels", zh="向天猫查已发包裹的物流轨迹,写进“运单”,问题件列入待处理;官方文档说线下发货的单号可能查不到真实轨迹,先开一天看看", en="Ask Tmall for the tracking of parcels that left, show it in Waybills and list those in trouble; the official documents say that waybills told by offline.send may have no true tracking: try it for a day", default="no", choices=YES_NO),
    Setting(name="track_calls", label_zh="物流:每轮查几个", label_en="Tracking: calls a sync", zh="每次同步最多查几个包裹,最久没查的先查", en="Parcels asked for in one sync at most, those not asked for longest first", default="40", low=Decimal(1), high=Decimal(1000)),
    Setting(name="track_every", label_zh="物流:隔几小时查", label_en="Tracking: every (h)", zh="刚发的包裹隔几小时查一次;发得越久隔得越长,最长一天", en="Hours between two looks at a parcel that just left; longer the older it is, a day at most", default="2", low=Decimal("0.25"), high=Decimal(24)),
    Setting(name="track_pickup", label_zh="物流:未揽收(小时)", label_en="Tracking: no pick-up (h)", zh="发货后几小时没有揽收就提醒;0 为不提醒", en="Hours after shipping without a pick-up that are told; 0: never", default="24", low=Decimal(0), high=Decimal(720)),
    Setting(name="track_still", label_zh="物流:没动静(小时)", label_en="Tracking: no movement (h)", zh="几小时没有新轨迹就提醒;0 为不提醒", en="Hours without a new event that are told; 0: never", default="48", low=Decimal(0), high=Decimal(720)),
    Setting(name="track_sign", label_zh="物流:未签收(小时)", label_en="Tracking: not signed (h)", zh="发货后几小时没签收就提醒,天猫给了最晚送达时间的按它;0 为都不提醒", en="Hours after shipping without a signature that are told, or the promised time Tmall names; 0: neither", default="168", low=Decimal(0), high=Decimal(1440)),
    Setting(name="track_doubt", label_zh="物流:签收太快(小时)", label_en="Tracking: signed too soon (h)", zh="发货后几小时之内就签收的不可信;0 为都信", en="A signature within so many hours of shipping is not believed; 0: all are", default="2", low=Decimal(0), high=Decimal(48)),
    Setting(name="track_trouble", label_zh="物流:异常等几小时", label_en="Tracking: trouble after (h)", zh="派送异常、拒收、退回、丢失出现几小时后提醒;0 为马上", en="Hours after trouble, a refusal, a return or a loss until it is told; 0: at once", default="0", low=Decimal(0), high=Decimal(240)),
    Setting(name="track_days", label_zh="物流:最多查几天", label_en="Tracking: days at most", zh="发货后查到第几天为止", en="Days after shipping until which a parcel is asked for", default="30", low=Decimal(1), high=Decimal(180)),
    Setting(name="own_days", label_zh="手工订单信息留几天", label_en="Own orders: days kept", zh="手工订单发货几天后抹掉姓名、电话和地址", en="Days after the parcel left until name, phone and address of an own order are wiped", default="15", low=Decimal(1), high=Decimal(180)),
    Setting(name="return_first", label_zh="换货先收后发", label_en="Exchange: return first", zh="换货的包裹等退回来的货扫进“退货登记”以后才取单号、发出", en="The parcel of an exchange gets its waybill and leaves only once what comes back was scanned into Returns", default="yes", choices=YES_NO),
    Setting(name="audit_message", label_zh="审单:买家留言", label_en="Audit: message", zh="买家写了留言的订单", en="Orders with a buyer message", default="flag", choices=AUDIT_CHECKS),
    Setting(name="audit_memo", label_zh="审单:备注和旗帜", label_en="Audit: memo, flag", zh="有卖家备注或插了旗的订单", en="Orders with a seller memo or a flag", default="flag", choices=AUDIT_CHECKS),
    Setting(name="audit_goods", label_zh="审单:没有商家编码", label_en="Audit: no code", zh="有商品没填商家编码的订单", en="Orders with goods that have no merchant code", default="flag", choices=AUDIT_CHECKS),
    Setting(name="audit_oversold", label_zh="审单:平台说超卖", label_en="Audit: oversold", zh="天猫标了超卖的订单", en="Orders Tmall says were oversold", default="flag", choices=AUDIT_CHECKS),
    Setting(name="audit_unpaid", label_zh="审单:还有未付款的单", label_en="Audit: unpaid too", zh="同一买家、同一收货人还有没付款的单(付了可以一起发)", en="Buyers with an unpaid order to the same receiver", default="flag", choices=AUDIT_CHECKS),
    Setting(name="audit_addresses", label_zh="审单:多个地址", label_en="Audit: addresses", zh="同一买家待发的单里有不同的收货地址", en="Buyers whose open orders go to different receivers", default="flag", choices=AUDIT_CHECKS),
    Setting(name="merge_orders", label_zh="合单", label_en="Merge orders", zh="同一收货人(OAID 相同)、同一仓库、还没取单号的订单合成一个包裹", en="Orders of the same receiver (equal OAID) from one warehouse without a waybill go in one parcel", default="yes", choices=YES_NO),
    Setting(name="merge_buyer", label_zh="合单:买家", label_en="Merge: buyers", zh="收货人相同、买家账号不同的订单能不能合", en="Whether orders of different buyers to the same receiver may be merged", default="same", choices=MERGE_BUYER),
    Setting(name="merge_noted", label_zh="合单:有留言备注旗帜的", label_en="Merge: noted ones", zh="有买家留言、卖家备注或旗帜的订单能不能合", en="Whether orders with a message, a memo or a flag may be merged", default="no", choices=YES_NO),
    Setting(name="merge_presale", label_zh="合单:预售", label_en="Merge: presales", zh="付清尾款的预售单能不能合", en="Whether presales paid in full may be merged", default="no", choices=YES_NO),
    Setting(name="merge_limit", label_zh="合单:最多几单", label_en="Merge: orders at most", zh="一个包裹最多合几单;0 为不限(快递一次最多收 100 单)", en="Orders in one parcel at most; 0: as many as the courier takes, 100", default="0", low=Decimal(0), high=Decimal(100)),
    Setting(name="merge_weight", label_zh="合单:最重(kg)", label_en="Merge: heaviest (kg)", zh="合起来超过这个重量就不合;0 为不限", en="Kilograms a merged parcel may weigh; 0: any", default="0", low=Decimal(0), high=Decimal(1000)),
    Setting(name="reaudit", label_zh="审核后有变动", label_en="Changed after audit", zh="审核通过或取单号以后,买家改了商品、地址或金额时", en="When goods, address or price change after approval or purchase", default="rules", choices=REAUDIT),
    Setting(name="overdue_minutes", label_zh="等太久(分钟)", label_en="Overdue (min)", zh="付款后这么久还没取单号,就在订单里标出来;0 为不标", en="Minutes after payment without a waybill after which an order says so; 0: never", default="1440", low=Decimal(0), high=Decimal(43200)),
    Setting(name="default_courier", label_zh="默认快递", label_en="Default courier", zh="规则和运费表都没有结果时用哪家快递", en="Courier when neither rules nor freight table decide", default="", choices=COURIERS),
    Setting(name="default_weight_g", label_zh="默认商品重量(克)", label_en="Default weight (g)", zh="商品没填重量时按多少克算", en="Grams assumed for a product without a weight", default="500", low=Decimal(1), high=Decimal(100000)),
    Setting(name="packing_weight_g", label_zh="包材重量(克)", label_en="Packing (g)", zh="每个包裹的纸箱、填充物有多重", en="What box and padding of a parcel weigh", default="100", low=Decimal(0), high=Decimal(20000)),
    Setting(name="volume_ratio", label_zh="默认抛比", label_en="Volumetric ratio", zh="运费表没写抛比时用:长×宽×高(厘米)÷抛比=公斤", en="Where the freight table names none: length × width × height in cm ÷ ratio = kg", default="8000", low=Decimal(1000), high=Decimal(20000)),
    Setting(name="reserve_at", label_zh="什么时候占库存", label_en="Reserve stock", zh="跟天猫:商品设成拍下减库存的下单就占,其余付款才占;下单:没付款的也先占着,关闭就放开", en="As at Tmall: at ordering where the item takes its stock down then, else at payment; or every order at once, until it is closed", default="tmall", choices=RESERVE_AT),
    Setting(name="push_stock", label_zh="同步库存到天猫", label_en="Push stock", zh="可卖数变了就改天猫上的库存", en="Set the quantity at Tmall when the sellable quantity changes", default="yes", choices=YES_NO),
    Setting(name="push_price", label_zh="改天猫售价", label_en="Change prices", zh="按“想要的售价”和“大促”的活动价改天猫售价;否则只在“商品”表写出会怎么改", en="Set prices at Tmall by Wanted price and the campaigns; else Products only says what would change", default="no", choices=YES_NO),
    Setting(name="price_limit", label_zh="每次改价上限(%)", label_en="Price limit (%)", zh="一次改价超过百分之几,就要有人在“商品”表打 ✓", en="A change above so many percent needs a person's tick in Products", default="20", low=Decimal(0), high=Decimal(1000)),
    Setting(name="safety_stock", label_zh="默认安全库存(件)", label_en="Safety stock (pcs)", zh="没单独填时,每个商品留几件不卖", en="Pieces of each product kept back where its row says nothing", default="0", low=Decimal(0), high=Decimal(1000000)),
    Setting(name="split_orders", label_zh="允许分仓发货", label_en="Split over warehouses", zh="没有一个仓库能发齐时,分成几包从几个仓库发", en="Send several parcels from several warehouses where none has the whole order", default="no", choices=YES_NO),
    Setting(name="out_of_stock", label_zh="各仓都缺货时", label_en="Out of stock", zh="有几个仓库、没有一个能发齐时:照常取单号,还是先不取", en="With several warehouses and none that can ship an order: buy its waybill all the same, or wait", default="buy", choices=OUT_OF_STOCK),
    Setting(name="analysis_days", label_zh="销售分析天数", label_en="Days analysed", zh="销售分析看到昨天为止的多少天", en="How many days up to yesterday the sales analysis looks at", default="30", low=Decimal(1), high=Decimal(366)),
    Setting(name="slow_days", label_zh="滞销天数", label_en="Slow after (days)", zh="有货而多少天没卖就算滞销", en="Goods on hand that did not sell for so many days are slow", default="60", low=Decimal(1), high=Decimal(3660)),
    Setting(name="transfer_days", label_zh="调拨要几天", label_en="Days of a transfer", zh="从一个仓库调到另一个要几天:可用的不够卖这么久就建议调拨", en="How long a transfer takes: a warehouse that has less than it ships in this time is proposed one", default="3", low=Decimal(0), high=Decimal(60)),
    Setting(name="transfer_cover", label_zh="调拨补到几天", label_en="Transfer up to (days)", zh="调拨建议补到够卖几天;超出的才能调给别的仓库", en="How many days a transfer fills a warehouse up for; only what is above that is given away", default="14", low=Decimal(1), high=Decimal(180)),
    Setting(name="costing", label_zh="成本算法", label_en="Costing", zh="库存成本怎么算;改了会全部重算", en="How stock is costed; a change works everything out again", default="average", choices=COSTING),
    Setting(name="cost_scope", label_zh="成本范围", label_en="Cost scope", zh="成本按仓库分别算,还是合并算", en="Whether each warehouse has its own cost", default="warehouse", choices=COST_SCOPE),
    Setting(name="bill_tolerance", label_zh="对账允许差额(元)", label_en="Matching tolerance (yuan)", zh="订单与账单相差不超过几元算“差异”,不用处理", en="Yuan by which an order and its bill may differ without needing anybody", default="0", low=Decimal(0), high=Decimal(1000)),
    Setting(name="courier_fee_tolerance", label_zh="快递费允许差额(元)", label_en="Courier fee tolerance (yuan)", zh="快递账单与估运费每单相差不超过几元不用处理", en="Yuan by which a courier's bill and our estimate may differ for a parcel without needing anybody", default="0", low=Decimal(0), high=Decimal(1000)),
    Setting(name="courier_weight_tolerance", label_zh="快递重量允许差(kg)", label_en="Courier weight tolerance (kg)", zh="快递计费重量与我们估的相差超过多少公斤,运费差就算重量造成的", en="Kilograms by which a courier's weight may differ from ours before a difference is put down to the weight", default="0.1", low=Decimal(0), high=Decimal(100)),
    Setting(name="buy_days", label_zh="一次订货够卖(天)", label_en="An order lasts (days)", zh="到货之后,一次订的货要够卖几天", en="For how many days an order is meant to last once it is there", default="14", low=Decimal(1), high=Decimal(180)),
    Setting(name="lead_days", label_zh="默认交期(天)", label_en="Lead time (days)", zh="供应商没填交期时按几天算", en="Days from order to arrival where the supplier's row says nothing", default="7", low=Decimal(0), high=Decimal(180)),
    Setting(name="service_a", label_zh="A 类服务水平(%)", label_en="Service, class A (%)", zh="A 类货不断货的把握", en="How sure class A goods are not to run out", default="98", low=Decimal(50), high=Decimal("99.9")),
    Setting(name="service_b", label_zh="B 类服务水平(%)", label_en="Service, class B (%)", zh="B 类货不断货的把握", en="How sure class B goods are not to run out", default="95", low=Decimal(50), high=Decimal("99.9")),
    Setting(name="service_c", label_zh="C 类服务水平(%)", label_en="Service, class C (%)", zh="C 类货不断货的把握", en="How sure class C goods are not to run out", default="90", low=Decimal(50), high=Decimal("99.9")),
    Setting(name="label_paper", label_zh="面单纸", label_en="Label paper", zh="面单用哪种纸", en="The paper labels are made for", default="76x130", choices=PAPER),
    Setting(name="books", label_zh="自动记账", label_en="Keep the books", zh="发货、收入、退款、库存变动自动做凭证;从打开的那个月开始记,之前的用手工凭证填期初余额", en="Vouchers are made of shipments, income, refunds and stock moves, from the month it is switched on; earlier balances are entered by a manual voucher", default="no", choices=YES_NO),
    Setting(name="standard", label_zh="会计准则", label_en="Accounting standard", zh="按哪套准则设科目;记账前选好,两套不能混用", en="The standard the accounts follow; choose before posting, they are never mixed", default="small", choices=STANDARD),
    Setting(name="recognise", label_zh="收入确认时点", label_en="Income is recognised", zh="什么时候确认收入(请与会计确认)", en="When a sale becomes income (agree it with your accountant)", default="settle", choices=RECOGNISE),
    Setting(name="payer", label_zh="纳税人类型", label_en="VAT payer", zh="按小规模(征收率)还是一般纳税人(税率 13%)计增值税", en="VAT as a small-scale or a general payer", default="small", choices=PAYER),
    Setting(name="bills_needed", label_zh="结账要有账单", label_en="Bills needed", zh="有销售的月份没有支付宝账单就不能结账;不导入账单、用手工凭证记收款的店改为否", en="A month with sales is not closed without an Alipay bill; no for shops that book receipts by manual vouchers", default="yes", choices=YES_NO),
    Setting(name="archive_after", label_zh="归档:留几个月", label_en="Archive: months kept", zh="已结账的月份,“凭证”和“支付宝账单”的行在表里留几个月,再早的移到“归档”文件夹(科目汇总、对账和报表不变);0 为不归档;Google 表格里不归档", en="For how many months rows of closed months stay in Vouchers and Alipay bills before they move to the folder archive (sums, matching and statements stay); 0: never; not in Google Sheets", default="0", low=Decimal(0), high=Decimal(120)),
    Setting(name="vat_cycle", label_zh="增值税申报周期", label_en="VAT period", zh="小规模免征额按季还是按月算", en="Whether the small-scale limit is for a quarter or a month", default="quarter", choices=VAT_CYCLE),
)  # fmt: skip
SETTINGS_BY_NAME = {setting.name: setting for setting in SETTINGS_LIST}
