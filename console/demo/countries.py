"""Where the demo's clients live: names, cities with their zones, money that fits, and numbers that nobody can have.

Each country's numbers begin as no operator's do (Colombia 399, Mexico 55 0, Chile 90, Peru 89, Brazil 11 90): long enough to be read as
numbers, and nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """One country of the demo. `least` and `most` are what people owe, in whole units of `step`; `prefix` and `digits` make their numbers."""

    code: str
    currency: str
    language: str
    prefix: str
    digits: int
    least: int
    most: int
    step: int
    cities: tuple[tuple[str, str, str], ...]
    first: tuple[str, ...]
    last: tuple[str, ...]


# The women's names, of clients and of those who work here.
FEMININE = frozenset(
    "Rosa Liliana Patricia Marcela Claudia Sandra Beatriz Paola Gloria Nubia Yolanda Diana Milena Amparo Esperanza Guadalupe Alejandra Verónica"
    " Araceli Leticia Norma Elizabeth Maricela Lorena Adriana Constanza Macarena Francisca Carolina Daniela Paulina Bárbara Milagros Flor Maribel"
    " Rocío Yesenia Carmen Nelly Juliana Aparecida Fernanda Simone Patrícia Luciana Vanessa Ana Camila Ximena Javiera Larissa Renata Marta"
    " Irene".split()
)


def is_feminine(name: str) -> bool:
    """Whether somebody of the demo is a woman, by the first of their names."""
    return name.split()[0] in FEMININE


COUNTRIES = {
    "CO": Country(
        "CO",
        "COP",
        "es",
        "+57399",
        7,
        180_000,
        4_800_000,
        10_000,
        (
            ("Bogotá", "DC", "America/Bogota"),
            ("Medellín", "ANT", "America/Bogota"),
            ("Cali", "VAC", "America/Bogota"),
            ("Barranquilla", "ATL", "America/Bogota"),
            ("Bucaramanga", "SAN", "America/Bogota"),
            ("Pereira", "RIS", "America/Bogota"),
        ),
        tuple(
            "Rosa Héctor Liliana Jorge Patricia Andrés Marcela Óscar Claudia Wilson Sandra Julián Beatriz Ramiro Paola Fabián Gloria Édgar Nubia"
            " Camilo Yolanda Mauricio Diana Germán Milena Rodrigo Amparo Felipe Esperanza Hernán".split()
        ),
        tuple(
            "Márquez Rojas Cifuentes Ospina Peñalosa Lozano Bermúdez Castaño Villegas Ariza Quiroga Tabares Suárez Niño Montoya Galvis"
            " Saldarriaga Pardo Useche Lemus Zuluaga Acevedo".split()
        ),
    ),
    "MX": Country(
        "MX",
        "MXN",
        "es",
        "+52550",
        7,
        900,
        48_000,
        50,
        (
            ("Ciudad de México", "CMX", "America/Mexico_City"),
            ("Guadalajara", "JAL", "America/Mexico_City"),
            ("Monterrey", "NLE", "America/Monterrey"),
            ("Puebla", "PUE", "America/Mexico_City"),
            ("Tijuana", "BCN", "America/Tijuana"),
            ("Mérida", "YUC", "America/Merida"),
        ),
        tuple(
            "Guadalupe Fernando Alejandra José Verónica Ricardo Araceli Miguel Leticia Arturo Norma Sergio Elizabeth Raúl Maricela Eduardo Lorena"
            " Gerardo Adriana Rubén".split()
        ),
        tuple(
            "Hernández Ramírez Cervantes Aguirre Solís Trejo Camacho Villanueva Barrera Montes Zamora Olvera Ríos Cárdenas Ponce".split()
        ),
    ),
    "CL": Country(
        "CL",
        "CLP",
        "es",
        "+5690",
        7,
        35_000,
        1_900_000,
        1_000,
        (
            ("Santiago", "RM", "America/Santiago"),
            ("Valparaíso", "VS", "America/Santiago"),
            ("Concepción", "BI", "America/Santiago"),
            ("La Serena", "CO", "America/Santiago"),
            ("Punta Arenas", "MA", "America/Punta_Arenas"),
        ),
        tuple(
            "Constanza Cristián Macarena Rodrigo Francisca Sebastián Carolina Patricio Daniela Mauricio Paulina Ignacio Bárbara Nelson".split()
        ),
        tuple("Muñoz Sepúlveda Contreras Fuenzalida Araya Tapia Valdés Henríquez Cáceres Riquelme Oyarzún Vergara Poblete".split()),
    ),
    "PE": Country(
        "PE",
        "PEN",
        "es",
        "+5189",
        7,
        120,
        9_800,
        10,
        (
            ("Lima", "LIM", "America/Lima"),
            ("Arequipa", "ARE", "America/Lima"),
            ("Trujillo", "LAL", "America/Lima"),
            ("Cusco", "CUS", "America/Lima"),
            ("Piura", "PIU", "America/Lima"),
        ),
        tuple("Milagros Percy Flor Wilmer Maribel Elmer Rocío Alfredo Yesenia Víctor Carmen Edwin Nelly Walter".split()),
        tuple("Quispe Mamani Huamán Chávez Flores Vilca Condori Ticona Salazar Rengifo Ccori Paucar Yupanqui".split()),
    ),
    "BR": Country(
        "BR",
        "BRL",
        "pt",
        "+551190",
        7,
        150,
        14_000,
        10,
        (
            ("São Paulo", "SP", "America/Sao_Paulo"),
            ("Rio de Janeiro", "RJ", "America/Sao_Paulo"),
            ("Belo Horizonte", "MG", "America/Sao_Paulo"),
            ("Recife", "PE", "America/Recife"),
            ("Manaus", "AM", "America/Manaus"),
            ("Porto Alegre", "RS", "America/Sao_Paulo"),
        ),
        tuple(
            "Juliana Rafael Aparecida Marcos Fernanda Leandro Simone Rodrigo Patrícia Wellington Luciana Anderson Vanessa Cláudio".split()
        ),
        tuple("Silva Souza Oliveira Ferreira Carvalho Gomes Ribeiro Martins Barbosa Nascimento Teixeira Cardoso".split()),
    ),
}
