"""Phrases that read as unkind, frightening or pressing, by language, with kinder words. Patterns are small letters without accents.

"Deuda externa", "sin embargo", "alta demanda", "a su juicio", "procesar o pagamento", "cadeia de lojas" and "by default" are other words that
only look alike, and pass.
"""

from __future__ import annotations

from typing import Final

_ES_PEOPLE = r"(?:familia(?:res)?|jefe|jefa|empleador|vecinos|trabajo|empresa|referencias|conocidos)"
_PT_PEOPLE = r"(?:familia(?:res)?|chefe|empregador|vizinhos|trabalho|empresa|conhecidos)"
_EN_PEOPLE = r"(?:family|boss|employer|neighbou?rs|work|friends|relatives)"
_ES_BUREAU = r"(?:buro|centrales? de riesgo|datacredito|dicom|infocorp|veraz|circulo de credito|equifax|transunion)"

# (pattern, kind, kinder words)
PHRASES: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "es": (
        (r"deudas?(?! (?:externa|publica|soberana|nacional))", "word", "cuenta, saldo"),
        (r"adeud(?:a|as|an|ado|ada|ados|adas|amos)", "word", "saldo pendiente"),
        (r"en mora", "word", "con pagos pendientes"),
        (r"cobranzas?|cobrador(?:es|a)?", "word", "gestión de tu cuenta"),
        (r"deudor(?:es|a|as)?", "label", "cliente"),
        (r"moros[oa]s?", "label", "cliente"),
        (r"mala paga|malapaga|incumplid[oa]s?", "label", "cliente"),
        (r"irresponsables?|mentiros[oa]s?|estafador(?:es|a)?|ladron(?:es|a)?|sinvergüenzas?|sinverguenzas?", "label", ""),
        (r"(?<!sin )embarg(?:o|os|ar|aran|aremos|ado|ada|ados|adas|ue|uen)(?:l[oae]s?|te)?", "threat", ""),
        (r"carcel|prision|pres[oa]s?|arrest(?:o|ar|ado|ada|aran)|policia|fiscalia|delitos?", "threat", ""),
        (r"(?:l[oae]s? |te |vamos a )?demand(?:ar(?:l[oae]s?|te)?|aremos|aran)", "threat", ""),
        (r"(?:interpon(?:er|dremos)|present(?:ar|aremos)|inici(?:ar|aremos)) (?:una )?demanda", "threat", ""),
        (r"demanda (?:judicial|civil|penal|ejecutiva)|denuncia penal|(?:l[oae]s? |te )denunciar(?:emos|an)", "threat", ""),
        (r"(?:acciones|medidas|proceso|procesos|via|cobro|ejecucion) (?:legal|legales|judicial|judiciales|juridic[oa]s?)", "threat", ""),
        (r"(?:ir\w*|llev\w*|entabl\w*|inici\w*) (?:\w+ )?(?:a )?juicio|juicio (?:ejecutivo|civil|penal|judicial)", "threat", ""),
        (r"(?:nuestros?|los|mis) abogad[oa]s?|area juridica|departamento legal|despacho juridico", "threat", ""),
        (r"remat(?:e|ar|aran|aremos)|desaloj(?:o|ar|aran|aremos)|confiscar(?:an|emos)?", "threat", ""),
        (rf"report\w+ (?:\w+ ){{0,3}}{_ES_BUREAU}", "threat", "tu historial queda al día cuando la cuenta lo está"),
        (r"report(?:e|es) negativ[oa]s?|lista negra|(?:dan|danar|manchar|arruinar|afectar)\w* (?:su|tu) historial", "threat", ""),
        (r"consecuencias|represalias|atengase|atente", "threat", "opciones"),
        (rf"(?:dir|avis|llam|contact|visit|inform|notific)\w* (?:\w+ ){{0,2}}(?:su|sus|tu|tus) {_ES_PEOPLE}", "exposure", ""),
        (
            r"ultim[oa] (?:oportunidad|aviso|llamado|advertencia|notificacion|chance)|aviso final|ultimatum",
            "pressure",
            "una opción para ti",
        ),
        (r"urgentes?(?=\s*[:!])|urgentemente|con caracter urgente", "pressure", "importante"),
        (r"pag\w+ (?:ya|ahora mismo|inmediatamente|de inmediato|hoy mismo|sin falta)", "pressure", "puedes pagar hasta el"),
        (r"(?:pago|respuesta) inmediat[oa]|de inmediato|inmediatamente", "pressure", "cuando puedas, hasta el"),
        (r"antes de que sea (?:demasiado )?tarde|no hay mas plazo|sin excusas?|se agoto (?:el|la) (?:plazo|paciencia)", "pressure", ""),
        (r"tiene que pagar|tienes que pagar|debe pagar|debes pagar|esta obligad[oa]|exig(?:imos|irle|irte)", "pressure", "puedes pagar"),
        (r"(?:su|tu) incumplimiento|incumpl(?:io|iste|ido)|por (?:su|tu) culpa|no (?:ha|has) cumplido", "blame", "el pago sigue pendiente"),
        (r"vergüenza|verguenza|no le da pena|no te da pena|falta de (?:seriedad|palabra|compromiso)", "blame", ""),
        (
            r"por ?que (?:razon |motivo )?(?:usted |tu )?(?:no|nunca) (?:ha |has |han |nos |me )*(?:pag|cumpl|abon|cancel)\w*",
            "asking_why",
            "",
        ),
        (
            r"(?:motivo|razon|causa)s? (?:de|del|por (?:el|la) que|por que) (?:su |tu |el |la |no )*(?:no )?(?:pago|impago|atraso|pag\w+)",
            "asking_why",
            "",
        ),
        (r"a que se debe (?:el|la|su|tu) (?:impago|atraso|retraso|falta de pago|no pago)", "asking_why", ""),
    ),
    "pt": (
        (r"dividas?(?! (?:externa|publica|ativa da uniao|nacional))", "word", "conta, saldo"),
        (r"debitos? (?:vencidos?|em aberto|em atraso)", "word", "saldo em aberto"),
        (r"cobrancas?|cobrador(?:es|a)?", "word", "atendimento da sua conta"),
        (r"devedor(?:es|a|as)?", "label", "cliente"),
        (r"inadimpl(?:ente|entes|encia|ir)", "label", "cliente com saldo em aberto"),
        (r"caloteir[oa]s?|mau pagador|maus pagadores|irresponsave(?:l|is)|mentiros[oa]s?|golpistas?|safad[oa]s?", "label", ""),
        (r"penhor(?:a|ar|ado|ada|as)|arresto|bloque(?:io|ar|aremos) (?:d[aeo]s? )?(?:sua |suas |seus )?(?:bens|contas?)", "threat", ""),
        (r"cadeia(?! de)|prisao|pres[oa]s?|policia|delegacia|crime", "threat", ""),
        (r"(?:acao|acoes|medidas?|processo|processos|execucao|via|vias) (?:judicia(?:l|is)|lega(?:l|is)|juridic[oa]s?)", "threat", ""),
        (r"process(?:ar|aremos)(?: (?:voce|o senhor|a senhora)|-l[oa])", "threat", ""),
        (r"(?:nossos?|os|meus) advogad[oa]s?|departamento juridico|setor juridico", "threat", ""),
        (
            r"negativ(?:ar|ado|ada|acao|aremos|ados)|nome sujo|suj(?:ar|o) (?:o )?(?:seu )?nome",
            "threat",
            "o seu cadastro fica em dia com a conta",
        ),
        (r"(?:inclu|inscre|envi|registr|const|mand)\w* (?:\w+ ){0,4}(?:spc|serasa|boa vista|cartorio)", "threat", ""),
        (
            r"protest(?:o|ar|ado|aremos) (?:em |no )?(?:cartorio|titulo|o titulo)|lista negra|consequencias|despejo|leilao",
            "threat",
            "opções",
        ),
        (rf"(?:avis|cont|lig|diz|dir|inform|notific)\w* (?:\w+ ){{0,2}}(?:seu|sua|seus|suas) {_PT_PEOPLE}", "exposure", ""),
        (
            r"ultim[oa] (?:oportunidade|aviso|chance|chamada|advertencia|notificacao)|aviso final|ultimato",
            "pressure",
            "uma opção para você",
        ),
        (r"urgentes?(?=\s*[:!])|urgentemente|com urgencia", "pressure", "importante"),
        (r"pag\w+ (?:ja|agora mesmo|imediatamente|de imediato|hoje mesmo|sem falta)", "pressure", "você pode pagar até"),
        (r"(?:pagamento|resposta) imediat[oa]|imediatamente|de imediato", "pressure", "quando puder, até"),
        (r"antes que seja tarde(?: demais)?|sem desculpas?|(?:acabou|esgotou) (?:o prazo|a paciencia)", "pressure", ""),
        (r"tem que pagar|deve pagar|e obrigad[oa] a|exigimos", "pressure", "você pode pagar"),
        (r"(?:seu|sua) (?:inadimplencia|descumprimento)|por sua culpa|descumpr(?:iu|ido)|nao (?:tem )?cumpri(?:u|do)", "blame", ""),
        (r"vergonha|falta de (?:seriedade|palavra|compromisso)", "blame", ""),
        (r"por ?que (?:voce |o senhor |a senhora )?(?:ainda )?(?:nao|nunca) (?:nos |tem |esta )*(?:pag|cumpr|quit)\w*", "asking_why", ""),
        (
            r"(?:motivo|razao|causa)s? (?:d[aeo]|pel[ao] qual) (?:seu |sua |o |nao |voce )*(?:nao )?(?:pagamento|atraso|pag\w+)",
            "asking_why",
            "",
        ),
    ),
    "en": (
        (r"(?<!national )(?<!public )debts?(?!-free)(?! free)", "word", "account, balance"),
        (r"collections? agency|debt collectors?", "word", "account services"),
        (r"debtors?|deadbeats?|delinquents?|defaulters?", "label", "client"),
        (r"irresponsible|liars?|thie(?:f|ves)|crooks?", "label", ""),
        (r"in default|defaulted", "word", "with payments open"),
        (
            r"jail|prison|arrest(?:ed)?|police|crime|lawsuits?|sue|sued|garnish\w*|seiz(?:e|ed|ure)|repossess\w*|evict\w*|foreclos\w*",
            "threat",
            "",
        ),
        (r"legal (?:action|actions|proceedings|measures)|take you to court|our (?:lawyers?|attorneys?)", "threat", ""),
        (
            r"report\w* (?:\w+ ){0,3}(?:credit bureaus?|bureaus?)|(?:ruin|damage|hurt) your credit|consequences|blacklist\w*",
            "threat",
            "options",
        ),
        (rf"(?:tell|call|contact|inform|notify|visit)\w* your {_EN_PEOPLE}", "exposure", ""),
        (r"(?:final|last) (?:notice|chance|warning|opportunity|demand)|ultimatum", "pressure", "an option for you"),
        (
            r"urgent(?=\s*[:!])|urgently|immediately|at once|right now|before it(?:'s| is) too late|no excuses",
            "pressure",
            "by the date you choose",
        ),
        (r"you (?:must|have to|are obliged to) pay|we demand", "pressure", "you can pay"),
        (r"your fault|shame(?:ful)?|you failed to|your failure to|you have not complied|lack of commitment", "blame", ""),
        (r"why (?:have|did|do|are|has)(?:n't| not)? (?:you |your )(?:not |never |yet )*(?:pay|paid|paying|complied)", "asking_why", ""),
        (
            r"reasons? (?:for|why you) (?:your |the |did |have )*(?:not |n't )*(?:non-?payment|delay|pay|paid|paying|not paying)",
            "asking_why",
            "",
        ),
    ),
}
